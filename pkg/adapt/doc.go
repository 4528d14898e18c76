// Package adapt says what moves when a model is fine-tuned; pkg/method says why.
//
//		train.Job{…, Adapt: adapt.Last(2)}        // the last two layers
//		adapt.Attach(base, adapt.Last(2))         // in a cell: what would move, as a table
//
//	  - [Full] moves everything.
//	  - [Last], [FreezeFirst] and [Head] cut between layers: the bottom stays, the top moves. Nothing has to flow back through
//	    the bottom, so it costs no time, no gradients and no kept values. [Match] and [Freeze] cut by patterns on names.
//	  - [BitFit] moves biases only (Ben Zaken et al., arXiv:2106.10199), [Norms] the weights of norms only (Qi et al.,
//	    arXiv:2211.08682; for BatchNorm Frankle et al., arXiv:2003.00152). Few parameters, small files and small optimizer
//	    states; but gradients still flow down through the whole model, so a step is spared those of the weights only, a third of
//	    its products. So few numbers have to go far: they want a learning rate of ten times that of Full, or more.
//	  - [Unfreeze] starts at the top and lets one more layer move every so many steps (Howard and Ruder, arXiv:1801.06146,
//	    section 3.3).
//	  - [Houlsby] and [Pfeiffer] put small bottlenecks behind the sublayers of each block, [Parallel] beside the MLP: some percent
//	    of the parameters, near the quality of Full, at a learning rate of about ten times Full's (2e-2 on the base model).
//	  - [Prefix] gives every layer keys and values of positions in front of the text, [Prompt] gives the model embeddings there:
//	    fractions of a percent, and less reach, a prompt above all. They want a rate of fifty or a hundred times Full's (1e-1, 2e-1);
//	    a prefix trained through an MLP (Hidden) wants ten times, and gets as far at that.
//
// # What does not fold
//
// Adapters, prefixes and prompts cannot become part of plain weights. They belong to the model as its Extras (model.Extras):
// Result.Model answers, is measured, saved and loaded with them as any model is. What was trained for several tasks on one base
// goes into a [Library], which switches, stacks, drops, averages and fuses it, and answers questions of many tasks side by side.
//
// # A head that shares the embedding's weight
//
// In a tied model (Config.Tied, as the base model is) one matrix is both the embedding and the output layer. To freeze the
// embedding is then to freeze the head: Last, FreezeFirst and Unfreeze count it to the bottom, and with it move the head last
// or not at all. [Head] alone would move the inputs of the model too, so it refuses with [ErrTied]. [Untie] gives the head a
// copy of its own first: adapt.Untie(adapt.Head()). The copy adds Vocab·Dim parameters and the model stays untied.
//
// # Biases where there are none
//
// Llama-style models have no biases. BitFit gives each linear layer of the blocks one that starts at zero, so that training
// starts exactly at the base model, as LLaMA-Adapter V2 does (Gao et al., arXiv:2304.15010, bias tuning of linear layers). They are those that
// attention_bias and mlp_bias of a Llama config.json name, so the result is a plain model that other programs read. RMSNorm
// has no bias and gets none.
//
// # Targets, rank and scale
//
// LoRA finds its layers by name or pattern, and a target that fits none is an error with near names. What B·A is multiplied by is
// α/r (α/√r with RSLoRA): the table that a cell shows has this effective scale for each kind of layer, because twice the rank at
// the same α is half the scale. [CountTrainable] counts from shapes alone, before there are weights.
//
// # Merging
//
// [Attached.Merged] folds what was added into a copy of the weights. The base is kept and never written to, so [Attached.Unmerged]
// is the base itself, bit for bit.
//
// # What an adaptation is
//
// An [Adaptation] makes a run's copy of a model ready and returns an [Attached]: which parameters move from which step on,
// which it adds, how the graph differs (nn.Hooks), and how what was added is folded into plain weights; or it puts Extras on the
// model, which then move. That is room enough for LoRA, bottleneck adapters and prefixes, and for one that a learner writes.
// What moved can be saved apart from the base ([Attached.Save]) and put on it again ([Load]).
package adapt
