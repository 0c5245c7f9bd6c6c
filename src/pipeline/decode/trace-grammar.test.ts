import { describe, expect, it } from 'vitest'
import type { Language } from '../record.ts'
import { createJoiner } from './joiner.ts'

/** One crash per language, as its runtime prints it, blank lines and all. */
const TRACES: readonly [name: string, language: Language, text: string][] = [
  [
    'Java with causes',
    'java',
    'java.util.concurrent.CompletionException: x\n\tat java.base/a.B.c(B.java:1) ~[na:na]\n\tSuppressed: java.io.IOException: y\n\t\tat a.R.close(R.java:4)\n\t\t... 3 more\nCaused by: java.lang.Error: z\n\tat a.B.d(B.java:2)\n\t... 12 common frames omitted',
  ],
  [
    'Java with a nested exception at the margin',
    'java',
    'javax.mail.SendFailedException: Invalid;\n  nested exception is:\ncom.sun.mail.AddressFailedException: 550 no\n\n\tat a.B.c(B.java:1)',
  ],
  [
    'a Java thread that died',
    'java',
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat a.B.c(B.java:1)',
  ],
  [
    'Python',
    'python',
    'Traceback (most recent call last):\n  File "/app/w.py", line 10, in run\n    foo.bar()\n    ~~~~~~~^^\nAttributeError: no bar',
  ],
  [
    'Python, chained',
    'python',
    'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n    d[\'a\']\nKeyError: \'a\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/a.py", line 2, in f\nError: level words may be names',
  ],
  [
    'Python, group',
    'python',
    '  + Exception Group Traceback (most recent call last):\n  |   File "/a.py", line 1, in <module>\n  | ExceptionGroup: eg (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: 1\n    +------------------------------------',
  ],
  [
    'Node',
    'node',
    "TypeError: Cannot read properties of undefined (reading 'id')\n    at Ctl.create (/app/dist/order.js:10:15)\n    at async Promise.all (index 0) {\n  code: 'ECONNREFUSED',\n  [cause]: Error: connect\n      at TCPConnectWrap.afterConnect (node:net:1606:16) {\n    errno: -111\n  }\n}",
  ],
  [
    'Node at its end',
    'node',
    "/app/dist/index.js:3\n    throw new Error('x');\n    ^\n\nError: x\n    at Object.<anonymous> (/app/dist/index.js:3:11)\n\nNode.js v24.1.0",
  ],
  [
    'Go',
    'go',
    'panic: runtime error: nil pointer\n[signal SIGSEGV: segmentation violation code=0x1]\n\ngoroutine 1 [running]:\nmain.(*Server).handle(0xc000010000, {0x0, 0x0})\n\t/app/main.go:12 +0x1d\n\ngoroutine 18 [select, 2 minutes]:\ncreated by main.main\n  main.go:5 +0x1\nexit status 2',
  ],
  [
    '.NET',
    'dotnet',
    'Unhandled exception. System.InvalidOperationException: x\n ---> System.IO.IOException: y\n   at A.B.C() in /src/B.cs:line 4\n   --- End of inner exception stack trace ---\n   at A.B.D() in /src/B.cs:line 9',
  ],
  [
    'Ruby',
    'ruby',
    "app.rb:18:in `thrower': An error has occurred. (RuntimeError)\n\tfrom app.rb:14:in `caller'\n\tfrom app.rb:21:in `<main>'",
  ],
  [
    'Rails',
    'ruby',
    ' ActionController::RoutingError (No route matches [GET] "/x"):\n  \n  actionpack (5.1.4) lib/middleware/debug.rb:63:in `call\'\n  app/controllers/a.rb:3:in `b\'',
  ],
  [
    'PHP 8',
    'php',
    'PHP Fatal error:  Uncaught Exception: first\nsecond line in /app/a.php:5\nStack trace:\n#0 /app/a.php(9): f()\n#1 {main}\n  thrown in /app/a.php on line 5',
  ],
  [
    'PHP 5',
    'php',
    "exception 'Exception' with message 'x' in /app/a.php:5\nStack trace:\n#0 /app/a.php(9): f()\n#1 {main}",
  ],
  [
    'Dart',
    'dart',
    'Unhandled exception:\nFormatException: bad (at character 8)\nthis is not valid\n       ^\n\n#0      main (file:///a/b.dart:24:20)\n<asynchronous suspension>\n#1      _start (dart:isolate-patch/isolate_patch.dart:265)',
  ],
  [
    'Rust',
    'rust',
    "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nstack backtrace:\n   0: std::panicking::begin_panic\n             at /rustc/std.rs:1:1\nnote: run with `RUST_BACKTRACE=full`",
  ],
  [
    'Rust with the number of the thread',
    'rust',
    "thread 'main' (12345) panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`",
  ],
  [
    "Rust's anyhow",
    'rust',
    'Error: cannot read the settings\n\nCaused by:\n    0: cannot open\n    1: No such file\n\nStack backtrace:\n   0: anyhow::error::new\n             at /app/x.rs:3:5',
  ],
  [
    "Go's race detector",
    'go',
    'WARNING: DATA RACE\nWrite at 0x00c0000b4010 by goroutine 7:\n  main.main.func1()\n      /app/main.go:9 +0x38\n\nPrevious write at 0x00c0000b4010 by main goroutine:\n  main.main()\n      /app/main.go:12 +0x9e\n==================',
  ],
  [
    '.NET, aggregate',
    'dotnet',
    'System.AggregateException: One or more errors occurred. (x)\n ---> System.Exception: x\n   at A.B.C() in /src/B.cs:line 4\n   --- End of inner exception stack trace ---\n   at A.B.D() in /src/B.cs:line 9\n---> (Inner Exception #0) System.Exception: x\n   at A.B.C()<---',
  ],
  [
    'Rails at the margin',
    'ruby',
    "NoMethodError (undefined method `id' for nil):\n\napp/controllers/orders_controller.rb:7:in `show'\napp/middleware/x.rb:3:in `call'",
  ],
  [
    'Node that finds no module',
    'node',
    "Error: Cannot find module 'x'\nRequire stack:\n- /app/a.js\n- /app/b.js\n    at Module._resolve (node:internal/modules/cjs/loader:1:1) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: [ '/app/a.js' ]\n}",
  ],
  ['Firefox', 'node', 'TypeError: x is undefined\nf@http://localhost/a.js:1:1\n@http://localhost/a.js:2:1'],
  [
    'Flutter',
    'dart',
    '══╡ EXCEPTION CAUGHT BY WIDGETS LIBRARY ╞══\nThe following assertion was thrown building A:\nx\n#0      A.build (package:a/a.dart:3:7)\n════════════',
  ],
  [
    'a thread in a dump of the JVM',
    'java',
    '"main" #1 prio=5 os_prio=0 tid=0x1 nid=0x2 waiting on condition [0x3]\n   java.lang.Thread.State: TIMED_WAITING (sleeping)\n\tat java.lang.Thread.sleep(Native Method)\n\t- locked <0x1> (a java.lang.Object)',
  ],
]

function join(text: string): { text: string; language: Language | undefined }[] {
  const joiner = createJoiner()
  return [...text.split('\n').map((line) => joiner.push(line)), joiner.flush()].flatMap((event) =>
    event === undefined ? [] : [{ text: event.lines.join('\n'), language: event.language }],
  )
}

describe.each(TRACES)('a trace of %s', (_, language, trace) => {
  it('is one event of its language', () => {
    expect(join(trace)).toEqual([{ text: trace, language }])
  })

  it('keeps apart from plain lines around it', () => {
    expect(join(`before it\n${trace}\nThis is no trace.`).map((event) => event.text)).toEqual([
      'before it',
      trace,
      'This is no trace.',
    ])
  })

  it('keeps apart from the same trace after it', () => {
    expect(join(`${trace}\n${trace}`).map((event) => event.text)).toEqual([trace, trace])
  })

  it('belongs to an error with a header before it, but for a crash', () => {
    const crash = /^(?:Exception in|panic|Unhandled|PHP|thread|WARNING|══|")/.test(trace)
    expect(join(`2026-01-20 20:00:00 ERROR [a] failed\n${trace}`)).toHaveLength(crash ? 2 : 1)
  })
})

it('traces of all languages in one stream are one event each', () => {
  expect(join(TRACES.map(([, , text]) => text).join('\n')).map((event) => event.text)).toEqual(
    TRACES.map(([, , text]) => text),
  )
})
