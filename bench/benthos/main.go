// The comparison for case A of bench/consumer.ts: Benthos takes the same lines from memory, parses the JSON, keeps ERROR
// and WARN, replaces by the patterns it is given, and counts. One round per line on stdin, one line of JSON per round.
//
// Usage: benthos LINES.ndjson PATTERNS.json BATCH_SIZE
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
)

// Batches on their way at a time: the pipeline need not wait for an acknowledgement before it gets the next.
const inFlight = 4

type pattern struct {
	Pattern     string `json:"pattern"`
	Replacement string `json:"replacement"`
}

type round struct {
	Records     int     `json:"records"`
	Kept        int64   `json:"kept"`
	WallSeconds float64 `json:"wallSeconds"`
	// CPU time of the whole process, user and system; 0 where the system does not tell.
	CPUSeconds float64 `json:"cpuSeconds"`
}

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: benthos LINES.ndjson PATTERNS.json BATCH_SIZE"))
	}
	data, err := os.ReadFile(os.Args[1])
	fail(err)
	rules, err := os.ReadFile(os.Args[2])
	fail(err)
	var patterns []pattern
	fail(json.Unmarshal(rules, &patterns))
	batchSize, err := strconv.Atoi(os.Args[3])
	fail(err)
	lines := bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n"))

	asked := bufio.NewScanner(os.Stdin)
	answer := json.NewEncoder(os.Stdout)
	for asked.Scan() {
		result, err := run(lines, patterns, batchSize)
		fail(err)
		fail(answer.Encode(result))
	}
}

// The records that are not wanted are deleted before any pattern sees them; `mutation` changes the rest in place.
func processors(patterns []pattern) []string {
	var redaction strings.Builder
	redaction.WriteString("mutation: |\n  root.log = this.log")
	for _, p := range patterns {
		fmt.Fprintf(&redaction, ".re_replace_all(%q, %q)", p.Pattern, p.Replacement)
	}
	return []string{
		"mapping: |\n  root = if this.level != \"ERROR\" && this.level != \"WARN\" { deleted() }",
		redaction.String(),
	}
}

func run(lines [][]byte, patterns []pattern, batchSize int) (round, error) {
	builder := service.NewStreamBuilder()
	builder.SetThreads(1)
	if err := builder.SetLoggerYAML("level: OFF"); err != nil {
		return round{}, err
	}
	push, err := builder.AddBatchProducerFunc()
	if err != nil {
		return round{}, err
	}
	for _, yaml := range processors(patterns) {
		if err := builder.AddProcessorYAML(yaml); err != nil {
			return round{}, err
		}
	}
	var kept atomic.Int64
	if err := builder.AddBatchConsumerFunc(func(_ context.Context, batch service.MessageBatch) error {
		kept.Add(int64(len(batch)))
		return nil
	}); err != nil {
		return round{}, err
	}
	stream, err := builder.Build()
	if err != nil {
		return round{}, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- stream.Run(ctx) }()

	wallBefore, cpuBefore := time.Now(), cpuSeconds()
	if err := pushAll(ctx, push, lines, batchSize); err != nil {
		return round{}, err
	}
	result := round{
		Records:     len(lines),
		Kept:        kept.Load(),
		WallSeconds: time.Since(wallBefore).Seconds(),
		CPUSeconds:  cpuSeconds() - cpuBefore,
	}
	err = stream.StopWithin(10 * time.Second)
	<-ended
	return result, err
}

// Returns when every batch has been acknowledged.
func pushAll(ctx context.Context, push service.MessageBatchHandlerFunc, lines [][]byte, batchSize int) error {
	batches := make(chan [][]byte)
	errs := make(chan error, inFlight)
	var workers sync.WaitGroup
	for range inFlight {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for part := range batches {
				batch := make(service.MessageBatch, len(part))
				for i, line := range part {
					batch[i] = service.NewMessage(line)
				}
				if err := push(ctx, batch); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for at := 0; at < len(lines); at += batchSize {
		select {
		case batches <- lines[at:min(at+batchSize, len(lines))]:
		case err := <-errs:
			close(batches)
			return err
		}
	}
	close(batches)
	workers.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
