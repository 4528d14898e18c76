package bench

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Table is the results for people, aligned, one line each.
func Table(results []Result) string {
	var b strings.Builder
	last := ""
	var w *tabwriter.Writer
	for _, r := range results {
		if r.Bench != last {
			if w != nil {
				w.Flush()
				b.WriteString("\n")
			}
			w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintln(w, strings.Join(append(titles[r.Bench], r.torchTitles()...), "\t")+"\t")
			last = r.Bench
		}
		fmt.Fprintln(w, strings.Join(append(r.cells(), r.torchCells()...), "\t")+"\t")
	}
	if w != nil {
		w.Flush()
	}
	return b.String()
}

var titles = map[string][]string{
	"peak":    {"peak", "GFLOP/s", "others"},
	"gemm":    {"gemm", "GFLOP/s", "of peak", "ms", "others"},
	"train":   {"train", "parameters", "ms/step", "tokens/s", "GFLOP/s", "of peak", "MB", "others"},
	"adapt":   {"adapt", "method", "moving", "ms/step", "GFLOP/s", "of peak", "planned MB", "resident MB", "others"},
	"lora":    {"lora", "moving", "ms/step", "tokens/s", "GFLOP/s", "of peak", "MB", "others"},
	"profile": {"profile", "ms", "of step", "GFLOP/s", "of peak", "MB"},
	"decode":  {"decode", "batch", "weights", "ms/token", "tokens/s", "GB/s", "of memory", "MB", "others"},
}

func (r Result) cells() []string {
	f := func(digits int, v float64) string { return fmt.Sprintf("%.*f", digits, v) }
	share := func(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) }
	others := "?"
	if r.Others >= 0 {
		others = share(r.Others)
	}
	switch r.Bench {
	case "peak":
		return []string{fmt.Sprintf("%s, %d threads", r.Level, r.Threads), f(1, r.GFLOPS), others}
	case "gemm":
		return []string{r.Shape, f(1, r.GFLOPS), share(r.ShareOfPeak), f(3, r.MsPerStep), others}
	case "profile":
		rate, of := "", ""
		if r.GFLOPS > 0 {
			rate, of = f(1, r.GFLOPS), share(r.ShareOfPeak)
		}
		return []string{strings.TrimSpace(r.Model+" "+r.Method) + " " + r.Op, f(3, r.MsPerStep), share(r.Share), rate, of, f(1, float64(r.Bytes)/1e6)}
	case "adapt":
		return []string{strings.TrimSpace(r.Model + " " + r.Products), r.Method, fmt.Sprint(r.Trained), f(1, r.MsPerStep), f(1, r.GFLOPS), share(r.ShareOfPeak), f(1, float64(r.Bytes)/1e6), megabytes(r.Resident), others}
	case "train", "lora":
		return []string{strings.TrimSpace(r.Model + " " + r.Products), fmt.Sprint(r.Trained), f(1, r.MsPerStep), f(0, r.TokensPerS), f(1, r.GFLOPS), share(r.ShareOfPeak), f(1, float64(r.Bytes)/1e6), others}
	}
	return []string{r.Model, fmt.Sprint(r.Batch), r.Weights, f(3, r.MsPerStep), f(0, r.TokensPerS), f(1, r.GBPerS), share(r.ShareOfMemory), f(1, float64(r.Bytes)/1e6), others}
}

func (r Result) torchTitles() []string {
	if r.Torch == nil {
		return nil
	}
	if r.Bench == "adapt" {
		return []string{"PyTorch ms", "ratio", "low-high", "resident MB", "ratio", "library", "variant"}
	}
	return []string{"PyTorch ms", "ratio", "low-high", "variant"}
}

func (r Result) torchCells() []string {
	t := r.Torch
	if t == nil {
		return nil
	}
	if r.Bench == "adapt" {
		memory := "?"
		if t.MemoryOver > 0 {
			memory = fmt.Sprintf("%.2fx", t.MemoryOver)
		}
		return []string{fmt.Sprintf("%.1f", t.MsPerStep), fmt.Sprintf("%.2fx", t.Ratio), fmt.Sprintf("%.2f-%.2f", t.Low, t.High), megabytes(t.Resident), memory, t.Library, t.Variant}
	}
	return []string{fmt.Sprintf("%.3f", t.MsPerStep), fmt.Sprintf("%.2fx", t.Ratio), fmt.Sprintf("%.2f-%.2f", t.Low, t.High), t.Variant}
}

// megabytes of what was measured, "?" for what was not.
func megabytes(bytes int64) string {
	if bytes == 0 {
		return "?"
	}
	return fmt.Sprintf("%.1f", float64(bytes)/1e6)
}
