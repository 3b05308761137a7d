/** The shell and its programs. What is expected was printed by `sh` and the applets of BusyBox. */
import { describe, expect, test } from 'vitest';
import { NoSuchProgram, startProgram, toBytes, toText } from '../../simulator/processes/index.ts';
import { START, finish, newMachine, run, sh } from './fixture.ts';

describe('scripts print', () => {
  test.each([
    ['echo a b', 'a b\n'],
    ['echo \'a  b\' "c  d"', 'a  b c  d\n'],
    ['echo -n x; echo y', 'xy\n'],
    ['echo -e "a\\tb"', 'a\tb\n'],
    ['false || echo no; true && echo yes', 'no\nyes\n'],
    ['false && echo never; echo $?', '1\n'],
    ['x=3; echo $x ${x} ${y:-none}', '3 3 none\n'],
    ['echo $GREETING "$GREETING" \'$GREETING\'', 'hello hello $GREETING\n'],
    ['x="a b"; for w in $x "$x"; do echo "[$w]"; done', '[a]\n[b]\n[a b]\n'],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done', '1\n2\n3\n'],
    ['i=0; until [ $i -eq 2 ]; do i=$((i + 1)); done; echo $((i * 4 % 3))', '2\n'],
    ['for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done', '1\n3\n'],
    ['if [ -d /tmp ]; then echo dir; elif true; then echo no; else echo no; fi', 'dir\n'],
    ['(cd /tmp; pwd); pwd', '/tmp\n/\n'],
    ['{ echo a; echo b; } | wc -l', '2\n'],
    ['printf "%s-%d\\n" a 1 b 2', 'a-1\nb-2\n'],
    ['seq 3 | tail -n 1', '3\n'],
    ['printf "b\\na\\nb\\n" | sort | uniq', 'a\nb\n'],
    ['printf "one\\ntwo\\n" | grep -v o; printf "one\\ntwo\\n" | grep -c o', '2\n'],
    ['echo $(echo inner) `echo back`', 'inner back\n'],
    ['echo a > /tmp/f; echo b >> /tmp/f; cat /tmp/f', 'a\nb\n'],
    ['cat < /etc/hostname', 'box\n'],
    ['ls nothing > /dev/null 2>&1; echo $?', '1\n'],
    ['mkdir -p /tmp/a/b; touch /tmp/a/b/c; ls /tmp/a/b; rm -r /tmp/a; ls /tmp', 'c\n'],
    ['cp /etc/hostname /tmp/h; mv /tmp/h /tmp/g; cat /tmp/*', 'box\n'],
    ['date +%Y-%m-%dT%H:%M:%S', '2026-01-01T12:00:00\n'],
    ['sleep 90; date', 'Thu Jan  1 12:01:30 UTC 2026\n'],
    ['id', 'uid=0(root) gid=0(root) groups=0(root)\n'],
    ['uname -r; hostname', '6.12.0\nbox\n'],
    ['echo "#no comment" # a comment', '#no comment\n'],
    ['sh -c \'echo $0 $1 "$@"\' zero one two', 'zero one one two\n'],
  ])('%s', (script, stdout) => {
    expect(sh(script)).toMatchObject({ stdout, stderr: '' });
  });
});

describe('scripts end', () => {
  test.each([
    ['exit 7', 7, ''],
    ['true', 0, ''],
    ['false', 1, ''],
    ['! true', 1, ''],
    ['nosuch', 127, 'sh: nosuch: not found\n'],
    ['cat /nosuch', 1, "cat: can't open '/nosuch': No such file or directory\n"],
    ['ls /nosuch', 1, 'ls: /nosuch: No such file or directory\n'],
    ['echo x > /etc/new', 1, "sh: can't create /etc/new: Read-only file system\n"],
    ['mkdir /tmp', 1, "mkdir: can't create directory '/tmp': File exists\n"],
    ['cd /nosuch', 2, "sh: cd: can't cd to /nosuch: No such file or directory\n"],
    ['echo "open', 2, 'sh: unterminated quoted string\n'],
    ['(exit 3); echo $? >&2', 0, '3\n'],
  ])('%s', (script, code, stderr) => {
    expect(sh(script)).toMatchObject({ code, stderr });
  });
});

test('a shell without a script runs its input line by line', () => {
  expect(run(['sh'], 'x=1\nfor i in a b\ndo echo $i$x\ndone\nexit 4\necho never\n')).toMatchObject({
    code: 4,
    stdout: 'a1\nb1\n',
  });
});

test('on a terminal it prompts', () => {
  const machine = newMachine();
  const program = startProgram(machine, ['sh'], { name: 'main' }, true);
  const input = ['cd /tmp\n', 'pwd\n'].map(toBytes);
  expect(finish(machine, program, input).stdout).toBe('/ # /tmp # /tmp\n/tmp # ');
});

test('time passes for those who wait, and only for them', () => {
  expect(sh('echo a; sleep 2.5; sleep 1m').took).toBe(62_500);
  expect(sh('for i in 1 2 3; do echo $i; done').took).toBe(0);
  expect(newMachine().now).toBe(START);
});

test('a command that no image has is refused by the runtime, not by a shell', () => {
  const start = (name: string) => () => startProgram(newMachine(), [name], { name: 'main' }, false);
  expect(start('nosuch')).toThrow(new NoSuchProgram('exec: "nosuch": executable file not found in $PATH'));
  expect(start('/opt/x')).toThrow('exec: "/opt/x": stat /opt/x: no such file or directory');
});

test('tar carries files from one machine to another', () => {
  const from = newMachine();
  sh('mkdir -p /tmp/d/e; echo one > /tmp/d/a; printf two > /tmp/d/e/b; chmod 600 /tmp/d/a', undefined, from);
  const archive = run(['tar', 'cf', '-', '-C', '/tmp', 'd'], undefined, from).bytes;
  const to = newMachine();
  const program = startProgram(to, ['tar', '-xmf', '-', '-C', '/root'], { name: 'main' }, false);
  expect(finish(to, program, [archive.slice(0, 700), archive.slice(700)]).code).toBe(0);
  expect(toText(to.files.read('/root/d/a')) + toText(to.files.read('/root/d/e/b'))).toBe('one\ntwo');
  expect(to.files.get('/root/d/a')?.mode).toBe(0o600);
});
