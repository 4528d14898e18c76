package checkpoint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/pkg/checkpoint"
)

// The keys of HuggingFaceTB/SmolLM2-135M, a Llama model that transformers 4 saved.
const smol = `{"architectures":["LlamaForCausalLM"],"attention_bias":false,"bos_token_id":0,"eos_token_id":0,"hidden_act":"silu",
"hidden_size":576,"intermediate_size":1536,"max_position_embeddings":8192,"model_type":"llama","num_attention_heads":9,"num_hidden_layers":30,
"num_key_value_heads":3,"rms_norm_eps":1e-05,"rope_interleaved":false,"rope_scaling":null,"rope_theta":100000,"tie_word_embeddings":true,"vocab_size":49152}`

func TestReadLlama(t *testing.T) {
	got, err := checkpoint.ReadLlama([]byte(smol))
	if err != nil {
		t.Fatal(err)
	}
	want := checkpoint.Llama{
		VocabSize: 49152, HiddenSize: 576, Layers: 30, Heads: 9, KeyValueHeads: 3, Intermediate: 1536,
		MaxPositions: 8192, RopeTheta: 100000, NormEps: 1e-5, TieEmbeddings: true, BOS: 0, EOS: 0, PAD: -1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	text, err := got.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := checkpoint.ReadLlama(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("written and read again:\n%s", diff)
	}
}

func TestReadLlamaVariants(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(smol, old, new, 1) }
	biased, err := checkpoint.ReadLlama([]byte(edit(`"attention_bias":false`, `"attention_bias":true,"mlp_bias":true`)))
	if err != nil || !biased.AttentionBias || !biased.MLPBias {
		t.Errorf("biases: %+v, %v", biased, err)
	}
	if text, err := biased.JSON(); err != nil || !strings.Contains(string(text), `"attention_bias": true`) || !strings.Contains(string(text), `"mlp_bias": true`) {
		t.Errorf("written with biases: %s, %v", text, err)
	}
	for _, c := range []struct {
		name, text string
		theta      float64
		kv, eos    int
	}{
		{"no key-value heads: one for each head", edit(`"num_key_value_heads":3,`, ``), 100000, 9, 0},
		{"theta where transformers 5 puts it", edit(`"rope_theta":100000`, `"rope_parameters":{"rope_type":"default","rope_theta":500}`), 500, 3, 0},
		{"no theta", edit(`"rope_theta":100000,`, ``), 10000, 3, 0},
		{"two ends", edit(`"eos_token_id":0`, `"eos_token_id":[7,8]`), 100000, 3, 7},
		{"no end", edit(`"eos_token_id":0`, `"eos_token_id":null`), 100000, 3, -1},
	} {
		got, err := checkpoint.ReadLlama([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.RopeTheta != c.theta || got.KeyValueHeads != c.kv || got.EOS != c.eos {
			t.Errorf("%s: theta %g, key-value heads %d, eos %d; want %g, %d, %d", c.name, got.RopeTheta, got.KeyValueHeads, got.EOS, c.theta, c.kv, c.eos)
		}
	}
}

func TestReadLlamaErrors(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(smol, old, new, 1) }
	for _, c := range []struct {
		name, text, want string
		unsupported      bool
	}{
		{"another family", edit(`"model_type":"llama"`, `"model_type":"mamba"`), "model_type = mamba", true},
		{"another activation", edit(`"silu"`, `"gelu"`), "hidden_act = gelu", true},
		{"scaled rotation", edit(`"rope_scaling":null`, `"rope_scaling":{"rope_type":"llama3","factor":8}`), "rope type = llama3", true},
		{"quantised", edit(`{`, `{"quantization_config":{"bits":4},`), "quantization_config", true},
		{"odd head size", edit(`{`, `{"head_dim":128,`), "head_dim = 128", true},
		{"heads do not divide", edit(`"num_attention_heads":9`, `"num_attention_heads":7`), "hidden_size 576 is not a multiple", false},
		{"groups do not divide", edit(`"num_key_value_heads":3`, `"num_key_value_heads":2`), "num_attention_heads 9 is not a multiple", false},
		{"no heads", edit(`"num_attention_heads":9`, `"num_attention_heads":0`), "num_attention_heads is 0", false},
		{"absurd width", edit(`"hidden_size":576`, `"hidden_size":99999999999`), "hidden_size is 99999999999", false},
		{"negative theta", edit(`100000`, `-1`), "rope_theta", false},
		{"zero epsilon", edit(`1e-05`, `0`), "rms_norm_eps", false},
		{"not JSON", `hello`, "config.json", false},
		{"truncated", smol[:100], "config.json", false},
		{"text after", smol + "x", "text follows", false},
		{"end is a word", edit(`"eos_token_id":0`, `"eos_token_id":"no"`), "eos_token_id", false},
	} {
		_, err := checkpoint.ReadLlama([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, checkpoint.ErrUnsupported) != c.unsupported {
			t.Errorf("%s: error is %v, want one with %q (ErrUnsupported: %t)", c.name, err, c.want, c.unsupported)
		}
	}
}

func FuzzReadLlama(f *testing.F) {
	f.Add([]byte(smol))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := checkpoint.ReadLlama(text)
		if err != nil {
			return
		}
		out, err := l.JSON()
		if err != nil {
			t.Fatalf("%+v was read but cannot be written: %v", l, err)
		}
		again, err := checkpoint.ReadLlama(out)
		if err != nil {
			t.Fatalf("%s was written but cannot be read: %v", out, err)
		}
		if max(l.BOS, -1) == l.BOS && max(l.EOS, -1) == l.EOS && max(l.PAD, -1) == l.PAD && again != l {
			t.Errorf("%+v comes back as %+v", l, again)
		}
	})
}
