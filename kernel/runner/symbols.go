package runner

import "strings"

// The commands of LaTeX that mathML knows, by what they become.
var (
	letters = pairs(`alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν
		xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ
		Phi Φ Psi Ψ Omega Ω infty ∞ ell ℓ partial ∂ nabla ∇ hbar ℏ Re ℜ Im ℑ emptyset ∅ varnothing ∅ top ⊤ bot ⊥`)
	operators = pairs(`times × cdot ⋅ div ÷ pm ± mp ∓ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ propto ∝ ll ≪ gg ≫
		in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ setminus ∖ forall ∀ exists ∃ neg ¬ land ∧ lor ∨ wedge ∧ vee ∨
		to → rightarrow → leftarrow ← gets ← Rightarrow ⇒ Leftarrow ⇐ leftrightarrow ↔ Leftrightarrow ⇔ mapsto ↦ implies ⟹ iff ⟺
		oplus ⊕ otimes ⊗ odot ⊙ circ ∘ star ⋆ ast ∗ bullet ∙ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ colon : langle ⟨ rangle ⟩
		lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ | ‖ Vert ‖ parallel ∥ perp ⊥ triangleq ≜ coloneqq ≔ succ ≻ prec ≺ succeq ⪰ preceq ⪯ uparrow ↑ downarrow ↓`)
	bigOperators = pairs(`sum ∑ prod ∏ int ∫ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁`)
	spaces       = map[string]string{`\,`: "0.17em", `\:`: "0.22em", `\;`: "0.28em", `\!`: "-0.17em", `\ `: "0.3em", `\quad`: "1em", `\qquad`: "2em"}
	accents      = pairs(`hat ^ widehat ^ bar ‾ overline ‾ tilde ~ widetilde ~ vec → dot ˙ ddot ¨`)

	functions      = names(`log ln exp sin cos tan tanh sinh cosh det dim deg ker arg Pr`)
	limitFunctions = names(`max min sup inf lim argmax argmin`)

	hands = map[string]map[rune]string{
		`\mathbb`:  hand("ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙"),
		`\mathcal`: hand("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵"),
	}

	// environments have the fences before and after their rows, and how columns are set.
	environments = map[string][3]string{
		"aligned": {"", "", ` class="aligned"`}, "align": {"", "", ` class="aligned"`}, "align*": {"", "", ` class="aligned"`},
		"matrix": {}, "pmatrix": {"<mo>(</mo>", "<mo>)</mo>", ""}, "bmatrix": {"<mo>[</mo>", "<mo>]</mo>", ""},
		"vmatrix": {"<mo>|</mo>", "<mo>|</mo>", ""}, "cases": {"<mo>{</mo>", "", ` class="cases"`},
	}
)

func pairs(list string) map[string]string {
	m := make(map[string]string)
	words := strings.Fields(list)
	for i := 0; i+1 < len(words); i += 2 {
		m[`\`+words[i]] = words[i+1]
	}
	return m
}

func names(list string) map[string]bool {
	m := make(map[string]bool)
	for _, name := range strings.Fields(list) {
		m[`\`+name] = true
	}
	return m
}

func hand(plain, drawn string) map[rune]string {
	m := make(map[rune]string)
	to := []rune(drawn)
	for i, r := range []rune(plain) {
		m[r] = string(to[i])
	}
	return m
}
