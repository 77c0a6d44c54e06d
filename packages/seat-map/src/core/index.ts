export { ANSWER_AFTER_RESUME_MS_MAX, ServerClock } from './server-clock.js';
