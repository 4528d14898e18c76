// Package compare sets ways to fine-tune side by side: several jobs, several seeds, one task, one report.
//
//	study := compare.Study{Base: base, Practice: practice, Exam: exam, Text: papers, Jobs: []train.Job{
//		job.With("full", nil),
//		job.With("last", adapt.Last(1)),
//	}}
//	report := compare.Must(compare.Run(ctx, study, nil))
//	report.Verdict()                                  // which is better, and what the seeds do not settle
//	report.Pareto("size", "quality")                  // any two columns
//	report.Model("last", 1).Answer(ctx, "Where …?")   // talk to what was trained
//
// A [Report] holds for each job and seed: the share of held-out questions answered exactly (train.Exam), what the model lost
// of what its base could do (perplexity on text that the base has not seen, sentences that it still ends rightly), parameters
// that moved, bytes of what must be kept beside the base, memory and time.
//
// # What is kept, and when it is trained again
//
// Each finished run is kept in the study's folder under a hash of all that its result depends on: weights and tokenizer,
// every record, every setting of the job, the seed, the version of this program and the processor's instructions. A second
// call with one setting changed trains only what is new. Names, the number of threads and of runs at a time are not part of
// the hash: they change no bit of the result. What is kept has a checksum; what does not agree with it is reported, thrown
// away and trained again. Runs under way are saved as train.Job.Dir saves them and go on after an interruption, also after
// SIGKILL, to the same bits.
//
// # Memory and time
//
// Peak memory is measured, not computed, and that needs a process for each run: Study.Program is what to start, and [Serve]
// is what it does. On Linux the highest memory is VmHWM, set back when training begins; on other Unix systems it is what
// getrusage says of the whole process; on others it is not measured. Without a program runs share this process, and a report
// says so: it has the bytes that the plan asks for, labelled as planned, and no peak.
//
// Time is what training took, in all sittings of a run that was interrupted, without the steps that an interruption lost; the
// peak of such a run is that of its last sitting. Runs at the same time slow each other down: with several workers times are
// for the same machine at work, and a report says how many there were.
//
// # What may be concluded
//
// Every job sees the same seeds, so jobs are compared seed by seed: the mean of the differences, with an interval from
// Student's t distribution of n−1 degrees of freedom. The job with the best mean is compared with each other one; the m
// intervals hold together with 95% (Bonferroni: each at 1 − 0.05/m). One that contains zero is a tie. Seeds say how training
// varies; all runs answer the same questions, so nothing is said about other ones, and nothing about settings not tried.
package compare
