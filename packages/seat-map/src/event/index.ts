export { createLiveEvent, type EventDetails, type EventSnapshot, type LiveEvent } from './live-event.js';
