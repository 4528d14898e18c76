package lab

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Options of [Run]. The zero value, with Lessons, is what a learner wants.
type Options struct {
	Lessons fs.FS     // what is copied to the work folder
	Dir     string    // the work folder; empty means tunebook-lessons in the current folder
	IP      string    // empty means 127.0.0.1; anything else is for containers, whose ports are published on loopback
	Port    int       // zero means 8888, or any free port if that is taken
	Open    string    // the notebook to open, relative to Dir; empty shows the folder
	Browser bool      // open the browser
	Cache   string    // empty means that of [Cache]
	Out     io.Writer // what the learner reads
}

// firstPort is Jupyter's own habit.
const firstPort = 8888

// patience is how long JupyterLab may take to answer: the first start of a fresh environment compiles its Python files.
const patience = 2 * time.Minute

// Run brings up JupyterLab with the lessons and returns when ctx is cancelled or the server ends.
func Run(ctx context.Context, o Options) error {
	if err := o.defaults(); err != nil {
		return err
	}
	jupyter, err := Find(ctx, o.Cache, o.Out)
	if err != nil {
		return err
	}
	executable, err := StableExecutable(o.Cache)
	if err != nil {
		return err
	}
	share := filepath.Join(o.Cache, "jupyter")
	if _, err := InstallKernelspec(share, executable); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(share, "labconfig", "page_config.json"), []byte(pageConfig)); err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	changes, err := CopyLessons(o.Lessons, o.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "JupyterLab %s (%s)\n", jupyter.Version, jupyter.Path)
	describe(o.Out, o.Dir, changes)
	port, err := freePort(ctx, o.IP, o.Port)
	if err != nil {
		return err
	}
	return serve(ctx, o, jupyter, share, port)
}

func (o *Options) defaults() (err error) {
	if o.Cache == "" {
		if o.Cache, err = Cache(); err != nil {
			return err
		}
	}
	if o.Dir == "" {
		o.Dir = "tunebook-lessons"
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return fmt.Errorf("lab: the work folder: %w", err)
	}
	if o.IP == "" {
		o.IP = "127.0.0.1"
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	return nil
}

// Find gives JupyterLab 4: the one on PATH, the one of the private environment, or one that is made now.
func Find(ctx context.Context, cache string, progress io.Writer) (Program, error) {
	found, here := FindJupyterLab(ctx)
	if here == nil {
		return found, nil
	}
	environment := PrivateEnvironment(cache)
	if found, err := environment.Find(ctx); err == nil {
		return found, nil
	}
	if !errors.Is(here, exec.ErrNotFound) {
		fmt.Fprintln(progress, here)
	}
	python, err := FindPython(ctx)
	if err != nil {
		return Program{}, err
	}
	return environment.Make(ctx, python, progress)
}

// describe says what happened to the lessons, in one line unless something needs the learner's eye.
func describe(w io.Writer, dir string, changes []Change) {
	counts := make(map[Action]int)
	for _, c := range changes {
		counts[c.Action]++
		if c.Beside != "" {
			fmt.Fprintf(w, "  %s was changed by you and stays; the new version is %s\n", c.Path, c.Beside)
		}
	}
	var parts []string
	for _, a := range []Action{Added, Updated, Kept} {
		if counts[a] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[a], a))
		}
	}
	if len(parts) == 0 {
		parts = []string{"up to date"}
	}
	fmt.Fprintf(w, "Lessons: %s (%s)\n", dir, strings.Join(parts, ", "))
}

// freePort is the port asked for, or one that is free now.
func freePort(ctx context.Context, ip string, asked int) (int, error) {
	try := []int{asked}
	if asked == 0 {
		try = []int{firstPort, 0}
	}
	var failed error
	for _, port := range try {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
		if err != nil {
			failed = err
			continue
		}
		port = l.Addr().(*net.TCPAddr).Port
		l.Close()
		return port, nil
	}
	return 0, fmt.Errorf("lab: port %d cannot be used: %w (choose another with --port)", asked, failed)
}

// serve runs the server and waits for its end.
func serve(ctx context.Context, o Options, jupyter Program, share string, port int) error {
	token := rand.Text()
	log, err := os.Create(filepath.Join(o.Cache, fmt.Sprintf("jupyterlab-%d.log", port)))
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer log.Close()
	// It does not end with ctx but is asked to stop, so that it stops its kernels.
	server := exec.CommandContext(context.WithoutCancel(ctx), jupyter.Path, arguments(o, port)...)
	server.Env = environ(os.Environ(), filepath.Dir(jupyter.Path), share, token)
	server.Stdout, server.Stderr, server.Dir = log, log, o.Dir
	ownGroup(server)
	if err := server.Start(); err != nil {
		return fmt.Errorf("lab: starting %s: %w", jupyter.Path, err)
	}
	ended := make(chan exit, 1)
	go func() { ended <- exit{server.Wait()} }()
	host := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := answers(ctx, host, token, ended); err != nil {
		stop(server, ended)
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("lab: JupyterLab did not start: %w; its last words, from %s:\n%s", err, log.Name(), tail(log.Name()))
	}
	address := (&url.URL{Scheme: "http", Host: host, Path: "/lab", RawQuery: "token=" + token}).String()
	if o.Open != "" {
		address = (&url.URL{Scheme: "http", Host: host, Path: "/lab/tree/" + filepath.ToSlash(o.Open), RawQuery: "token=" + token}).String()
	}
	fmt.Fprintf(o.Out, "\n  %s\n\nCtrl-C stops the server and all kernels.\n", address)
	if o.Browser {
		if err := openBrowser(ctx, address); err != nil {
			fmt.Fprintf(o.Out, "The browser did not open (%v): open the address above yourself.\n", err)
		}
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(o.Out, "Stopping.")
		stop(server, ended)
		return nil
	case end := <-ended:
		if end.err != nil {
			return fmt.Errorf("lab: JupyterLab ended: %w; its last words, from %s:\n%s", end.err, log.Name(), tail(log.Name()))
		}
		return nil
	}
}

// arguments configure this one server; the learner's own configuration stays as it is.
func arguments(o Options, port int) []string {
	list := []string{
		"--no-browser", "--ServerApp.ip=" + o.IP, "--ServerApp.port=" + strconv.Itoa(port), "--ServerApp.port_retries=0",
		"--ServerApp.root_dir=" + o.Dir, "--ServerApp.preferred_dir=" + o.Dir,
		"--LabApp.extension_manager=readonly", // a lesson works without a look at package indexes
	}
	if os.Geteuid() == 0 {
		list = append(list, "--allow-root") // in a container or a build machine
	}
	return list
}

// pageConfig turns off the question about news, which would stand over the first lesson, and the search for updates.
const pageConfig = `{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}` + "\n"

// environ makes the kernel and the page's configuration known, hands over the token where other users cannot read it, and puts the programs of
// JupyterLab's own environment first.
func environ(env []string, bin, share, token string) []string {
	before := func(name, first string) string {
		if old := os.Getenv(name); old != "" {
			first += string(os.PathListSeparator) + old
		}
		return name + "=" + first
	}
	return append(env, before("JUPYTER_PATH", share), before("JUPYTER_CONFIG_PATH", share), before("PATH", bin), "JUPYTER_TOKEN="+token)
}

// exit is the end of the server.
type exit struct{ err error }

// answers waits until the server answers.
func answers(ctx context.Context, host, token string, ended chan exit) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/api/status", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "token "+token)
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer from %s: %w", host, ctx.Err())
		case end := <-ended:
			ended <- end // for those who wait after us
			return fmt.Errorf("it ended: %w", errors.Join(end.err, errors.New("no answer")))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tail is the end of a log file.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-12):], "\n  ")
}

// stop asks the server to end with its kernels, and ends it itself if it does not.
func stop(server *exec.Cmd, ended chan exit) {
	terminate(server)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = server.Process.Kill()
		<-ended
	}
}
