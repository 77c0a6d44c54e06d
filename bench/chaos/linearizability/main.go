// Checks the linearizability of each seat's history: every operation must take effect at one time between its call and its
// answer. Reads one line of JSON for each operation on standard input, and writes one JSON object.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	lineBytesMax    = 1 << 20
	examplesMax     = 5
	stepsShownMax   = 12
	secondsEachSeat = 60
	secondsEachRead = 1
)

type verdict struct {
	Operations   int   `json:"operations"`
	Seats        int   `json:"seats"`
	Milliseconds int64 `json:"milliseconds"`
	// Seats with a history that is not linearizable, with the operations of the first ones.
	Wrong    []int    `json:"wrong"`
	Examples []string `json:"examples"`
	// Seats that took too long to decide.
	Undecided []int `json:"undecided"`
}

func main() {
	histories, count, err := read(bufio.NewScanner(os.Stdin))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	start := time.Now()
	result := check(histories)
	result.Operations = count
	result.Milliseconds = time.Since(start).Milliseconds()
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func read(lines *bufio.Scanner) (map[int][]operation, int, error) {
	lines.Buffer(nil, lineBytesMax)
	histories := map[int][]operation{}
	count := 0
	for lines.Scan() {
		var op operation
		if err := json.Unmarshal(lines.Bytes(), &op); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", count+1, err)
		}
		histories[op.Seat] = append(histories[op.Seat], op)
		count++
	}
	return histories, count, lines.Err()
}

func check(histories map[int][]operation) verdict {
	result := verdict{Seats: len(histories), Wrong: []int{}, Examples: []string{}, Undecided: []int{}}
	seats := make([]int, 0, len(histories))
	for number := range histories {
		seats = append(seats, number)
	}
	sort.Ints(seats)
	for _, number := range seats {
		history := histories[number]
		switch porcupine.CheckOperationsTimeout(model, steps(history), secondsEachSeat*time.Second) {
		case porcupine.Illegal:
			result.Wrong = append(result.Wrong, number)
			if len(result.Examples) < examplesMax {
				result.Examples = append(result.Examples, explain(number, history))
			}
		case porcupine.Unknown:
			result.Undecided = append(result.Undecided, number)
		}
	}
	return result
}

var model = porcupine.Model{
	Init: func() interface{} { return seat{phase: free} },
	Step: func(state, input, _ interface{}) (bool, interface{}) { return step(state.(seat), input.(operation)) },
}

func steps(history []operation) []porcupine.Operation {
	all := make([]porcupine.Operation, 0, len(history)+1)
	const last = math.MaxInt64 - 1
	all = append(all, porcupine.Operation{Input: operation{Kind: "end", Return: new(float64)}, Call: last, Return: last})
	for _, op := range history {
		end := int64(math.MaxInt64)
		if op.Return != nil {
			end = nanoseconds(*op.Return)
		}
		all = append(all, porcupine.Operation{ClientId: op.Client, Input: op, Call: nanoseconds(op.Call), Return: end})
	}
	return all
}

// fits reports whether a read fits into a history that is linearizable without it.
func fits(history []operation, read operation) bool {
	isExplained := func(history []operation) bool {
		return porcupine.CheckOperationsTimeout(model, steps(history), secondsEachRead*time.Second) != porcupine.Illegal
	}
	with := append(append([]operation{}, history...), read)
	return !isExplained(history) || isExplained(with)
}

func nanoseconds(ms float64) int64 { return int64(ms * 1e6) }

// explain describes the operations on a seat in the order of their calls. Of the many reads it includes only those that do
// not fit to the other operations.
func explain(number int, history []operation) string {
	sort.Slice(history, func(a, b int) bool { return history[a].Call < history[b].Call })
	text := "seat " + strconv.Itoa(number)
	rest := make([]operation, 0, len(history))
	for _, op := range history {
		if op.Kind != "read" {
			rest = append(rest, op)
		}
	}
	shown := 0
	for _, op := range history {
		if op.Kind == "expiry" || op.Kind == "read" && fits(rest, op) {
			continue
		}
		if shown++; shown > stepsShownMax {
			return text + "; …"
		}
		text += "; " + describe(op, history[0].Call)
	}
	return text
}
