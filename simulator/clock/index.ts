/** Virtual time, what is due when, and seeded randomness. Nothing here reads a wall clock. */
export { EventQueue, type QueueEntry } from './queue.ts';
export { Random, type RandomState, hashFraction } from './random.ts';
export * from './time.ts';
