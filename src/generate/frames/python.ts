/** Frames of FastAPI, Starlette, SQLAlchemy, kafka-python and Celery, outermost first, each with its source line. */

export const TRACEBACK = '\nTraceback (most recent call last):'
export const DIRECT_CAUSE = '\n\nThe above exception was the direct cause of the following exception:\n'
export const DURING_HANDLING = '\n\nDuring handling of the above exception, another exception occurred:\n'

const SITE = '/usr/local/lib/python3.12/site-packages'

/** `module.py:120 function | source`, one a frame. */
const frames = (...lines: string[]): string =>
  lines
    .map((line) => {
      const [, file, number, name, source] = /^(\S+):(\d+) (\S+) \| (.+)$/.exec(line) ?? []
      if (file === undefined) throw new SyntaxError(`not a frame: ${line}`)
      const path = file.startsWith('/') ? file : `${SITE}/${file}`
      // A library's line moves with its release; the application's own stays.
      const shown = file.startsWith('/') ? number : `<<line ${number}>>`
      return `\n  File "${path}", line ${shown}, in ${name}\n    ${source}`
    })
    .join('')

export const ASGI = frames(
  'uvicorn/protocols/http/httptools_impl.py:409 run_asgi | result = await app(  # type: ignore[func-returns-value]',
  'fastapi/applications.py:1054 __call__ | await super().__call__(scope, receive, send)',
  'starlette/middleware/errors.py:187 __call__ | raise exc',
  'starlette/routing.py:288 handle | await self.app(scope, receive, send)',
  'fastapi/routing.py:301 app | raw_response = await run_endpoint_function(',
)

export const CELERY = frames(
  'celery/app/trace.py:453 trace_task | R = retval = fun(*args, **kwargs)',
  'celery/app/trace.py:736 __protected_call__ | return self.run(*args, **kwargs)',
)

export const KAFKA_PRODUCER = frames(
  "kafka/producer/kafka.py:381 __init__ | client = self.config['kafka_client'](",
  "kafka/client_async.py:244 __init__ | self.config['api_version'] = self.check_version()",
  'kafka/client_async.py:927 check_version | raise Errors.NoBrokersAvailable()',
)

export { frames }
