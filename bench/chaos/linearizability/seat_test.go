package main

import (
	"strings"
	"testing"
)

func at(ms float64) *float64 { return &ms }

func isExplained(history ...operation) bool {
	return len(check(map[int][]operation{1: history}).Wrong) == 0
}

var (
	locks   = operation{Call: 0, Return: at(10), Kind: "lock", Result: "done", User: "a", Lock: "a1", Expires: 1000}
	confirm = operation{Call: 20, Return: at(30), Kind: "confirm", Result: "done", User: "a", Lock: "a1", Request: "r", Booking: "b1"}
)

func TestOneOwnerAfterTheOther(t *testing.T) {
	if !isExplained(locks, confirm, operation{Call: 40, Return: at(50), Kind: "final", Result: "B", Booking: "b1"}) {
		t.Error("a seat that was locked and booked")
	}
	release := operation{Call: 20, Return: at(30), Kind: "release", Result: "done", User: "a", Lock: "a1"}
	other := operation{Call: 40, Return: at(50), Kind: "lock", Result: "done", User: "b", Lock: "b1", Expires: 2000}
	if !isExplained(locks, release, other) {
		t.Error("a seat that was released and locked by another user")
	}
}

func TestACheckOutBooksWhatItsUserHolds(t *testing.T) {
	checkOut := operation{Call: 20, Return: at(30), Kind: "confirm", Result: "done", User: "a", Request: "r", Booking: "b1"}
	booked := operation{Call: 40, Return: at(50), Kind: "final", Result: "B", Booking: "b1"}
	if !isExplained(locks, checkOut, booked) {
		t.Error("a seat that was held and checked out")
	}
	stolen := checkOut
	stolen.User = "b"
	if isExplained(locks, stolen, booked) {
		t.Error("somebody else checked the seat out")
	}
	refused := checkOut
	refused.Kind, refused.Booking = "pay", ""
	if !isExplained(locks, refused, operation{Call: 40, Return: at(50), Kind: "final", Result: "L", Lock: "a1"}) {
		t.Error("a refused card, and the seat is still held")
	}
	expired := checkOut
	expired.Result, expired.Booking = "expired", ""
	if isExplained(locks, expired) {
		t.Error("refused though the user held the seat")
	}
}

func TestTwoOwners(t *testing.T) {
	other := operation{Call: 15, Return: at(18), Kind: "lock", Result: "done", User: "b", Lock: "b1", Expires: 2000}
	if isExplained(locks, other) {
		t.Error("two users were given the seat")
	}
	other.Call, other.Return = 5, at(12)
	if isExplained(locks, other) {
		t.Error("two users were given the seat at once")
	}
}

func TestAnExpiryIsNotTooEarly(t *testing.T) {
	expiry := operation{Call: 1000, Kind: "expiry", Result: "done", Lock: "a1", Expires: 1000}
	taken := operation{Call: 900, Return: at(950), Kind: "lock", Result: "done", User: "b", Lock: "b1", Expires: 2000}
	if isExplained(locks, expiry, taken) {
		t.Error("taken before its time")
	}
	taken.Return = at(1010)
	if !isExplained(locks, expiry, taken) {
		t.Error("taken after its time")
	}
	late := confirm
	late.Call, late.Return = 1100, at(1200)
	if isExplained(locks, expiry, taken, late) {
		t.Error("confirmed after it was lost")
	}
}

func TestAnAcknowledgedBookingStays(t *testing.T) {
	gone := operation{Call: 40, Return: at(50), Kind: "final", Result: "A"}
	if isExplained(locks, confirm, gone) {
		t.Error("an acknowledged booking is missing")
	}
	cancel := operation{Call: 32, Return: at(35), Kind: "cancel", Result: "done", Booking: "b1"}
	if !isExplained(locks, confirm, cancel, gone) {
		t.Error("a booking that was cancelled")
	}
}

func TestAnUnansweredOperationMayHaveTakenEffect(t *testing.T) {
	lost := confirm
	lost.Return, lost.Result, lost.Booking = nil, "unknown", ""
	for _, end := range []operation{
		{Call: 40, Return: at(50), Kind: "final", Result: "B", Booking: "b1"},
		{Call: 40, Return: at(50), Kind: "final", Result: "L", Lock: "a1"},
	} {
		if !isExplained(locks, lost, end) {
			t.Error(end.Result)
		}
	}
	again := confirm
	again.Call, again.Return = 60, at(70)
	if !isExplained(locks, lost, again) {
		t.Error("repeated, it is the same booking")
	}
	third := again
	third.Call, third.Return, third.Booking = 80, at(90), "b2"
	if isExplained(locks, lost, again, third) {
		t.Error("one request, two bookings")
	}
}

func TestALockWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	lost := operation{Call: 0, Kind: "lock", Result: "unknown", User: "a", Origin: "o1"}
	expiry := operation{Call: 1000, Kind: "expiry", Result: "done", Origin: "o1"}
	refused := operation{Call: 20, Return: at(30), Kind: "lock", Result: "unavailable", User: "b"}
	found := operation{Call: 40, Return: at(50), Kind: "lock", Result: "done", User: "a", Lock: "a1", Expires: 1000}
	if !isExplained(lost, expiry, refused, found) {
		t.Error("it had taken effect")
	}
	if isExplained(refused, found) {
		t.Error("a refused seat that nobody had")
	}
}

func TestAReadSeesTheCurrentState(t *testing.T) {
	if isExplained(locks, operation{Call: 20, Return: at(30), Kind: "read", Result: "A"}) {
		t.Error("free, and locked by somebody")
	}
	if !isExplained(locks, operation{Call: 1020, Return: at(1030), Kind: "read", Result: "A"}) {
		t.Error("an expired lock is free")
	}
}

func TestAReadThatDoesNotFitIsShown(t *testing.T) {
	fine := operation{Call: 11, Return: at(12), Kind: "read", Result: "L"}
	stale := operation{Call: 21, Return: at(22), Kind: "read", Result: "A"}
	text := explain(1, []operation{locks, fine, stale, confirm})
	if strings.Contains(text, "read L") || !strings.Contains(text, "read A") {
		t.Error(text)
	}
}

func TestAHeldBackSeat(t *testing.T) {
	holdBack := operation{Call: 0, Return: at(10), Kind: "holdBack", Result: "done"}
	offSaleAt := func(ms float64) operation {
		return operation{Call: ms, Return: at(ms + 5), Kind: "read", Result: "X"}
	}
	later := locks
	later.Call, later.Return = 40, at(50)
	if isExplained(holdBack, later) {
		t.Error("a buyer got a held-back seat")
	}
	if isExplained(locks, operation{Call: 20, Return: at(30), Kind: "holdBack", Result: "done"}) {
		t.Error("a buyer's seat was held back")
	}
	if isExplained(operation{Call: 20, Return: at(30), Kind: "read", Result: "A"}, offSaleAt(40)) {
		t.Error("off sale, and nobody held the seat back")
	}
	putBack := operation{Call: 20, Return: at(30), Kind: "putBack", Result: "done"}
	if !isExplained(holdBack, offSaleAt(12), putBack, later) || isExplained(holdBack, putBack, offSaleAt(40)) {
		t.Error("a seat that was put back on sale")
	}
	invite := operation{Call: 20, Return: at(30), Kind: "invite", Result: "done", Request: "r", Booking: "b1"}
	if !isExplained(holdBack, invite, operation{Call: 40, Return: at(50), Kind: "final", Result: "B", Booking: "b1"}) {
		t.Error("a held-back seat that was given away")
	}
}
