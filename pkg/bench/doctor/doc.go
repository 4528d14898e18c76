// Package doctor says what the engine will use of this machine and why, measures it, and advises where something is off.
//
//	machine := doctor.Read(os.DirFS("/"))
//	figures, err := doctor.Measure(ctx, os.DirFS("/"), cpu.Default())
//	for _, f := range doctor.Facts(machine, cpu.Levels(), cpu.Default().Threads(), figures) { ... }
//
// Read and Measure see the system through an fs.FS, so that every machine can be told about in a test.
package doctor
