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
		t.Error("a seat that was given up and locked by somebody else")
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

func TestALapseComesNoSoonerThanItsTime(t *testing.T) {
	lapse := operation{Call: 1000, Kind: "lapse", Result: "done", Lock: "a1", Expires: 1000}
	taken := operation{Call: 900, Return: at(950), Kind: "lock", Result: "done", User: "b", Lock: "b1", Expires: 2000}
	if isExplained(locks, lapse, taken) {
		t.Error("taken before its time")
	}
	taken.Return = at(1010)
	if !isExplained(locks, lapse, taken) {
		t.Error("taken after its time")
	}
	late := confirm
	late.Call, late.Return = 1100, at(1200)
	if isExplained(locks, lapse, taken, late) {
		t.Error("confirmed by whoever has lost it")
	}
}

func TestAnAcknowledgedBookingStays(t *testing.T) {
	gone := operation{Call: 40, Return: at(50), Kind: "final", Result: "A"}
	if isExplained(locks, confirm, gone) {
		t.Error("a booking that was acknowledged and is gone")
	}
	cancel := operation{Call: 32, Return: at(35), Kind: "cancel", Result: "done", Booking: "b1"}
	if !isExplained(locks, confirm, cancel, gone) {
		t.Error("a booking that was cancelled")
	}
}

func TestWhatHadNoAnswerMayHaveBeenDoneOrNot(t *testing.T) {
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
		t.Error("asked again, it is the same booking")
	}
	third := again
	third.Call, third.Return, third.Booking = 80, at(90), "b2"
	if isExplained(locks, lost, again, third) {
		t.Error("one request, two bookings")
	}
}

func TestALockWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	lost := operation{Call: 0, Kind: "lock", Result: "unknown", User: "a", Origin: "o1"}
	lapse := operation{Call: 1000, Kind: "lapse", Result: "done", Origin: "o1"}
	refused := operation{Call: 20, Return: at(30), Kind: "lock", Result: "unavailable", User: "b"}
	found := operation{Call: 40, Return: at(50), Kind: "lock", Result: "done", User: "a", Lock: "a1", Expires: 1000}
	if !isExplained(lost, lapse, refused, found) {
		t.Error("it had been done")
	}
	if isExplained(refused, found) {
		t.Error("nobody had the seat that was refused")
	}
}

func TestALookSeesTheSeatAsItIs(t *testing.T) {
	if isExplained(locks, operation{Call: 20, Return: at(30), Kind: "look", Result: "A"}) {
		t.Error("free, and locked by somebody")
	}
	if !isExplained(locks, operation{Call: 1020, Return: at(1030), Kind: "look", Result: "A"}) {
		t.Error("a lock whose time is over is free")
	}
}

func TestALookThatDoesNotFitIsTold(t *testing.T) {
	fine := operation{Call: 11, Return: at(12), Kind: "look", Result: "L"}
	stale := operation{Call: 21, Return: at(22), Kind: "look", Result: "A"}
	text := tell(1, []operation{locks, fine, stale, confirm})
	if strings.Contains(text, "look L") || !strings.Contains(text, "look A") {
		t.Error(text)
	}
}
