/**
 * Small simulated processes: what containers print, a shell for `kubectl exec`, their files, what listens on their
 * ports, and a guest's serial console. Pure: programs are generators that say what they want (write, read, sleep); who
 * runs them has the clock and the streams. Files are records in the store; a log is recomputed from the command or the
 * journal, never stored.
 *
 * Programs behave as BusyBox 1.37's do, in a few dozen of its applets; the shell knows pipes, loops, conditions,
 * quotes and redirections. Left out: background jobs, functions, `case`, signals other than Ctrl-C, symbolic links,
 * owners of files, what a container's own command writes to files, and networking.
 */
export { concatBytes, toBytes, toText } from './bytes.ts';
export { type ContainerTree, openContainer, revisionOf, takeChanges } from './container-files.ts';
export { type Run, containersOf, isRunning, runOf, statusOf } from './containers.ts';
export { type GuestConsole, plainConsole } from './guest-console.ts';
export { type HttpAnswer, type Listener, guestListener, listenerOf } from './listeners.ts';
export { type LogLine, type LogReader, type LogSource, openLog } from './logs.ts';
export { type ContainerMachine, NoSuchProgram, mainCommand, openMachine, startProgram } from './machine.ts';
export { type Effect, Interrupt, type Machine, type Program } from './program.ts';
export { endContainer, storeFiles } from './store-files.ts';
export { type TarEntry, TarError, readTar, writeTar } from './tar.ts';
export { Terminal, forTerminal } from './terminal.ts';
