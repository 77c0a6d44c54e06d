// Checks that the seats of one sale behaved as if every step of every client had happened at one instant between its
// call and its answer. Reads a line of JSON for each step on standard input, and writes one JSON object.
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
	stepsToldMax    = 12
	secondsEachSeat = 60
	secondsEachLook = 1
)

type verdict struct {
	Operations   int   `json:"operations"`
	Seats        int   `json:"seats"`
	Milliseconds int64 `json:"milliseconds"`
	// Seats whose history no order of its steps explains, with the steps of the first ones.
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
				result.Examples = append(result.Examples, tell(number, history))
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

// fits says whether a look can be explained by a history that can be without it.
func fits(history []operation, look operation) bool {
	isExplained := func(history []operation) bool {
		return porcupine.CheckOperationsTimeout(model, steps(history), secondsEachLook*time.Second) != porcupine.Illegal
	}
	with := append(append([]operation{}, history...), look)
	return !isExplained(history) || isExplained(with)
}

func nanoseconds(ms float64) int64 { return int64(ms * 1e6) }

// tell says what happened to a seat, in the order of the calls. Looks are many: those are told that do not fit to the
// rest, each by itself.
func tell(number int, history []operation) string {
	sort.Slice(history, func(a, b int) bool { return history[a].Call < history[b].Call })
	text := "seat " + strconv.Itoa(number)
	rest := make([]operation, 0, len(history))
	for _, op := range history {
		if op.Kind != "look" {
			rest = append(rest, op)
		}
	}
	told := 0
	for _, op := range history {
		if op.Kind == "lapse" || op.Kind == "look" && fits(rest, op) {
			continue
		}
		if told++; told > stepsToldMax {
			return text + "; …"
		}
		text += "; " + describe(op, history[0].Call)
	}
	return text
}
