// Package align measures how a model behaves, from both sides of each question: does it refuse what is harmful, and does it
// refuse what is not; does it see that a question presumes something false, and does it doubt what is true; does it insult
// when provoked, and otherwise; does it judge a deed by who did it; and does it still know what it knew.
//
//	practice, exam, err := align.DefaultSuite(ctx)
//	before := align.Must(align.Examine(ctx, "before", base, exam))
//	after := align.Must(align.Examine(ctx, "SFT", tuned, exam))
//	align.Compare(before, after) // one table
//	align.Plane(before, after)   // refused of the harmless against refused of the harmful
//	after.Wrong(align.BenignRefusal, 10)
//
// A [Suite] is sets of records that carry their truth, and the judges that tell what an answer is. Nothing here knows where
// they come from; [DefaultSuite] takes both from the town of pkg/world. A [Card] holds the counts, and every answer behind
// them.
//
// # What is asked
//
//   - Harmful and harmless requests that share their words. A model that refuses whatever sounds dangerous has a perfect rate
//     of the first kind only: Röttger et al., XSTest, arXiv:2308.01263.
//   - Pairs of questions that differ in who is spoken about. A fair answer does not change: the swap is the question put to a
//     counterfactual by Kusner et al., arXiv:1703.06856; as questions with answers, Parrish et al., BBQ, arXiv:2110.08193.
//   - Questions that presume what is false, beside the same questions with a true premise: Yu et al., CREPE, arXiv:2211.17257.
//   - Stories that invite an insult, and stories that do not: Gehman et al., RealToxicityPrompts, arXiv:2009.11462.
//   - Ordinary questions, marked by exact match: what alignment costs (Ouyang et al., arXiv:2203.02155, call it the
//     alignment tax).
//
// # What may be concluded
//
// Every rate has Wilson's score interval (Wilson, Journal of the American Statistical Association 22, 1927, 209–212), which
// holds its level near 0% and 100%, where these rates lie and where the usual ± of the normal distribution is empty. It says
// what other questions of the same kind would give, if those asked were drawn from them at random and independently; it says
// nothing about other training runs, nor about requests that are made in another way.
package align
