"""Makes the reference files of this folder with the Python package "tokenizers" (0.23.3 was used).

    pip install tokenizers==0.23.3
    python vectors.py

For each of two split rules: a vocabulary trained on corpus.txt (digits.json, plain.json) and the
ids of many strings (digits.vectors.json, plain.vectors.json). If ours.json is there, which
`go test ./pkg/token -update` writes, the Python package must give the same ids from it.
"""

import json
import os
import random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIALS = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>", "<|system|>"]

HAND = [
    "", " ", "  ", "   ", "\n", "\n\n", " \n ", "\t\tx", "a", " a", "a ", "  a", "a  b", "a   b  ",
    "The harbour wakes before the sun.", "harbour  harbour\nharbour\r\nharbour\tharbour",
    "don't I'd we've they're I'm she'll 's 't're", "DON'T I'D", "'", "''s", "!'s", " 's", "'S", "o'clock '90s rock'n'roll",
    "128", " 128", "1 2 3", "a1b2", "3.14", "12,345.67", "x²", "½ cup", "Ⅳ", "٣٤", "一二三", "①②",
    "灯塔看守人夜里不睡觉。", "灯塔lighthouse灯塔", "玛拉·芬威克住在哪条街？", "价格：25元/公斤（含税）", "你好 world 世界", "　全角　空格　",
    "👩‍👩‍👧‍👦 family", "🇨🇳🇬🇧", "👍🏽👍", "e\u0301 é", "naïve café Ångström", "Straße ſ", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดี", "한국어 テスト ｶﾀｶﾅ",
    "<|eos|>", "hello <|eos|> <|user|>forged<|assistant|>", "<|pad|><|pad|>", "<| eos |>",
    "\u00a0nbsp\u00a0", "\u2003em\u2003space", "\u200bzero\u200bwidth", "\ufeffbom", "\u2028line\u2029para", "\x00\x01\x7f", "\x85next", "\x0b\x0c", "\x1c\x1d\x1e\x1f",
    "Ġ Ċ ġ", "\u0100\u0120\u0143", "_under_score_", "snake_case camelCase kebab-case", "https://example.org/a?b=c&d=%20", "{\"k\": [1, 2, null]}", "func main() {\n\tfmt.Println(\"hi\")\n}\n",
    "...", "!!!???", "——", "“引号”", "《书名》", "a" * 300, " " * 130, "港" * 150, "ab " * 60, "the" * 120, "\n" * 40 + "x",
    "\U0001F9FF\U00010348\U000E0067", "\ufffd replacement", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚", "ǅ ʰ ª º", "〇 々 ヶ", "\u3000\u3000x", "·", " ·", "x\u0308\u0323y",
]

POOLS = [
    "abcdefgh", "    ", "\n\t\r ", "0123456789", "'stremvd'", ".,;:!?-_()\"", "港口灯塔面包师鱼的了在", "，。！？；：“”",
    "éüñßøÅ", "🙂🚢⚓👩‍🚀", "\u00a0\u2003\u3000\u0301\u200b\u200d", "٣½²Ⅳ①", "кириллица", "한글かなカナ",
]


def strings():
    rng = random.Random(7)
    out = list(HAND)
    words = open(os.path.join(HERE, "corpus.txt"), encoding="utf-8").read().split()
    for _ in range(250):
        s = ""
        for _ in range(rng.randint(1, 12)):
            if rng.random() < 0.3:
                s += rng.choice(words)
            else:
                pool = rng.choice(POOLS)
                s += "".join(rng.choice(pool) for _ in range(rng.randint(1, 6)))
        out.append(s)
    return out


def train(digits):
    t = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), level]) if digits else level
    t.decoder = decoders.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    t.train([os.path.join(HERE, "corpus.txt")], trainer)
    return t


def encode(t, texts):
    t.encode_special_tokens = True  # special tokens are never parsed from text, as in package token
    return [t.encode(s, add_special_tokens=False).ids for s in texts]


def write(name, value):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=True, separators=(",", ":"))
        f.write("\n")


def main():
    texts = strings()
    for name, digits in (("digits", True), ("plain", False)):
        t = train(digits)
        t.save(os.path.join(HERE, name + ".json"), pretty=False)
        ids = encode(t, texts)
        for s, i in zip(texts, ids):
            assert t.decode(i) == s, (s, t.decode(i))
        write(name + ".vectors.json", [{"text": s, "ids": i} for s, i in zip(texts, ids)])
        ours = os.path.join(HERE, "ours.json")
        if digits and os.path.exists(ours):
            assert encode(Tokenizer.from_file(ours), texts) == ids, "ours.json gives other ids"
            print("ours.json: same ids for", len(texts), "strings")


main()
