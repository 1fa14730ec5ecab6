// The net/http package of Go: server HOST PORT [WORKERS], or server --version
// With WORKERS it is tuned as manifest.yaml says; without, everything stays as it comes.
// Upon SIGUSR2 it collects its garbage, for which nothing is prepared before.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

var pattern = []byte(strings.Repeat(symbols, 1024)) // of /bytes/N

type message struct {
	Message string `json:"message"`
}

func answer(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Write(body)
}

func answerText(w http.ResponseWriter, format string, values ...any) {
	answer(w, "text/plain", []byte(fmt.Sprintf(format, values...)))
}

func refuse(w http.ResponseWriter, status int, why string) {
	if why != "" {
		why = ": " + why
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	fmt.Fprintf(w, "%d %s%s\n", status, http.StatusText(status), why)
}

// A route that ends with a number, as in /bytes/N.
func numbered(prefix string, most uint64, serve func(http.ResponseWriter, uint64)) {
	http.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.ParseUint(r.URL.Path[len(prefix):], 10, 64)
		if err != nil || number > most {
			refuse(w, http.StatusNotFound, "")
			return
		}
		serve(w, number)
	})
}

func serveBytes(w http.ResponseWriter, count uint64) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatUint(count, 10))
	for count > 0 {
		piece := pattern
		if count < uint64(len(piece)) {
			piece = piece[:count]
		}
		if _, err := w.Write(piece); err != nil {
			return
		}
		count -= uint64(len(piece))
	}
}

func serveEcho(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		refuse(w, http.StatusMethodNotAllowed, "")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "")
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	answer(w, "application/octet-stream", body)
}

// Marsaglia's xorshift32.
func serveCPU(w http.ResponseWriter, rounds uint64) {
	x := uint32(2463534242)
	for ; rounds > 0; rounds-- {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	answerText(w, "%d", x)
}

// The thread itself is blocked, which the runtime notices; time.Sleep would only block the goroutine.
func serveBlock(w http.ResponseWriter, ms uint64) {
	left := syscall.NsecToTimespec(int64(ms) * 1e6)
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
	answerText(w, "Blocked %d ms", ms)
}

var calls = regexp.MustCompile(`^/calls/([0-9]{1,4})/wait/([0-9]{1,5})$`)

// /calls/N/wait/MS: in turn, or each in a goroutine of its own.
func serveCalls(w http.ResponseWriter, r *http.Request) {
	numbers := calls.FindStringSubmatch(r.URL.Path)
	if numbers == nil {
		refuse(w, http.StatusNotFound, "")
		return
	}
	count, _ := strconv.Atoi(numbers[1])
	ms, _ := strconv.Atoi(numbers[2])
	if count > 1000 || ms > 60000 {
		refuse(w, http.StatusNotFound, "")
		return
	}
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		if r.URL.RawQuery != "together" {
			time.Sleep(time.Duration(ms) * time.Millisecond)
			continue
		}
		group.Add(1)
		go func() {
			defer group.Done()
			time.Sleep(time.Duration(ms) * time.Millisecond)
		}()
	}
	group.Wait()
	answerText(w, "Waited %d x %d ms", count, ms)
}

var fileName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)

func serveFile(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[len("/file/"):]
	folder := os.Getenv("TENK_FILES")
	if folder == "" || !fileName.MatchString(name) {
		refuse(w, http.StatusNotFound, "")
		return
	}
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		refuse(w, http.StatusNotFound, "")
		return
	}
	defer file.Close()
	status, err := file.Stat()
	if err != nil || !status.Mode().IsRegular() {
		refuse(w, http.StatusNotFound, "")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", status.ModTime(), file)
}

// Connections to the backend, as many being kept as the environment says; 0: a fresh one each time.
func makeTransport(tuned bool) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	kept, err := strconv.Atoi(os.Getenv("TENK_FETCH_CONNECTIONS"))
	if err != nil {
		kept = 64 // as our own servers
	}
	if kept == 0 {
		transport.DisableKeepAlives = true
	} else if tuned {
		transport.MaxIdleConns = 0
		transport.MaxIdleConnsPerHost = kept
	}
	return transport
}

// Asks the backend, and waits for it 10 s longer than it was asked to wait.
func serveFetch(transport *http.Transport) func(http.ResponseWriter, uint64) {
	return func(w http.ResponseWriter, ms uint64) {
		limit := time.Duration(ms)*time.Millisecond + 10*time.Second
		client := http.Client{Transport: transport, Timeout: limit}
		response, err := client.Get(fmt.Sprintf("http://%s/wait/%d", os.Getenv("TENK_BACKEND"), ms))
		if err == nil {
			defer response.Body.Close()
			var body []byte
			body, err = io.ReadAll(response.Body)
			if err == nil && response.StatusCode == http.StatusOK {
				answer(w, "text/plain", body)
				return
			}
		}
		if late, ok := err.(net.Error); ok && late.Timeout() {
			refuse(w, http.StatusGatewayTimeout, "the backend is late")
			return
		}
		refuse(w, http.StatusServiceUnavailable, "no answer from the backend")
	}
}

func addRoutes(tuned bool) {
	http.HandleFunc("/plaintext", func(w http.ResponseWriter, r *http.Request) {
		answer(w, "text/plain", []byte("Hello, World!"))
	})
	http.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		body, _ := json.Marshal(message{"Hello, World!"})
		answer(w, "application/json", body)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "")
	})
	http.HandleFunc("/echo", serveEcho)
	http.HandleFunc("/calls/", serveCalls)
	http.HandleFunc("/file/", serveFile)
	numbered("/bytes/", 1e8, serveBytes)
	numbered("/cpu/", 1e10, serveCPU)
	numbered("/block/", 60000, serveBlock)
	numbered("/wait/", 60000, func(w http.ResponseWriter, ms uint64) {
		time.Sleep(time.Duration(ms) * time.Millisecond)
		answerText(w, "Waited %d ms", ms)
	})
	if os.Getenv("TENK_BACKEND") != "" {
		numbered("/fetch/", 60000, serveFetch(makeTransport(tuned)))
	}
	if where := os.Getenv("TENK_DATABASE"); where != "" {
		numbered("/query/", 1<<31-1, serveQuery(where, tuned))
	}
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(runtime.Version())
		return
	}
	if len(os.Args) < 3 {
		log.Fatal("usage: server HOST PORT [WORKERS] | --version")
	}
	tuned := len(os.Args) > 3
	if tuned {
		workers, err := strconv.Atoi(os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		runtime.GOMAXPROCS(workers)
		debug.SetGCPercent(400)
	}
	collect := make(chan os.Signal, 1)
	signal.Notify(collect, syscall.SIGUSR2)
	go func() {
		for range collect {
			debug.FreeOSMemory()
		}
	}()
	addRoutes(tuned)
	log.Fatal(http.ListenAndServe(net.JoinHostPort(os.Args[1], os.Args[2]), nil))
}
