/** Which programs there are. Images without a shell have none of them. */
import { archivePrograms } from './commands/archive.ts';
import { filePrograms } from './commands/files.ts';
import { systemPrograms } from './commands/system.ts';
import { textPrograms } from './commands/text.ts';
import type { Context, Program } from './program.ts';
import { shell } from './shell.ts';

export type NamedProgram = (context: Context, args: readonly string[], name: string) => Program;

const SHELLS = ['sh', 'ash', 'bash'];

const startShell: NamedProgram = (context, args, name) => shell(context, name, args);

const PROGRAMS: ReadonlyMap<string, NamedProgram> = new Map<string, NamedProgram>([
  ...Object.entries(filePrograms),
  ...Object.entries(textPrograms),
  ...Object.entries(systemPrograms),
  ...Object.entries(archivePrograms),
  ...SHELLS.map(name => [name, startShell] as const),
]);

export const PROGRAM_NAMES: readonly string[] = [...PROGRAMS.keys()].filter(name => name !== '[').sort();
const DIRECTORIES = new Set(['/bin', '/usr/bin', '/sbin', '/usr/sbin', '/usr/local/bin']);

/** The program of a name or path, where the container's image has it. */
export function findProgram({ machine }: Context, name: string): NamedProgram | undefined {
  const slash = name.lastIndexOf('/');
  const base = name.slice(slash + 1);
  if (slash >= 0 && !DIRECTORIES.has(name.slice(0, slash))) return undefined;
  const program = PROGRAMS.get(base);
  // What is not among the image's files is not there to be run.
  return program && (base === '[' || machine.files.get(`/bin/${base}`)) ? program : undefined;
}
