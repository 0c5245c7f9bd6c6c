/** Frame: one call of a stack trace without what changes between builds and runs. */
import { ownText } from '../../platform/own-text.ts'
import type { ExceptionInfo, Language, StackFrame } from '../record.ts'

/** Code that is not the team's own, by language. An error is told apart by the team's frames. */
const LIBRARIES: Readonly<Partial<Record<Language, RegExp>>> = {
  java: /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|akka|groovy|clojure|org\.(?:springframework|apache|hibernate|eclipse|postgresql|mariadb|jboss|aspectj|slf4j|h2|mybatis|quartz|mockito|junit|elasticsearch|opensearch|redisson|bouncycastle|glassfish|thymeleaf|codehaus|yaml|reactivestreams)|com\.(?:zaxxer|mysql|oracle|microsoft\.sqlserver|google\.(?:common|gson|protobuf|cloud|api)|fasterxml|amazonaws|netflix|rabbitmq|mongodb|querydsl|squareup|github\.benmanes|intellij|codahale|datastax|linecorp\.armeria)|io\.(?:netty|lettuce|grpc|micrometer|projectreactor|undertow|vertx|opentelemetry|jsonwebtoken|r2dbc)|reactor|rx|feign|okhttp3|okio|retrofit2|redis\.clients|software\.amazon|ch\.qos|net\.(?:bytebuddy|sf\.cglib)|brave|zipkin2|freemarker|cglib|javassist)\./,
  node: /(?:^|[\\/])node_modules[\\/]|^node:|^internal[\\/]|^<anonymous>$|^native$/,
  python: /[\\/](?:site-packages|dist-packages)[\\/]|[\\/]lib[\\/]python\d|^<frozen |^<string>$|[\\/]usr[\\/]lib[\\/]/,
  go: /^(?:runtime|net|net\/http|reflect|sync|syscall|encoding\/\w+|database\/sql|internal\/\w+|os|io|context|testing|github\.com\/gin-gonic\/gin|github\.com\/labstack\/echo|google\.golang\.org\/grpc|go\.uber\.org\/\w+|gorm\.io\/gorm)\./,
  dotnet: /^(?:System|Microsoft|Newtonsoft|Npgsql|Polly|MassTransit|Serilog)\./,
  ruby: /[\\/]gems[\\/]|[\\/]lib[\\/]ruby[\\/]|^<internal:/,
  php: /[\\/]vendor[\\/]|^\[internal function\]/,
  rust: /^(?:<?(?:std|core|alloc|tokio|hyper|axum|actix_web|tower|futures_\w+)::|rust_begin_unwind|__rust_|backtrace::)|^_{1,2}(?:start|libc_start_main)/,
  dart: /^(?:dart:|package:(?:flutter|stack_trace|async|http)\/)/,
}
/** Languages whose frames tell by their file whose code they are. */
const BY_FILE: readonly Language[] = ['node', 'python', 'ruby', 'php', 'dart']
/** Names that minifiers give; another build gives the same function another one. */
const MINIFIED = /^(?:async )?[A-Za-z_$]{1,2}\d?$/
export const MINIFIED_NAME = '<minified>'

/** Says whose code a frame is, before the lists below are asked; undefined leaves it to them. */
export type InAppJudge = (frame: StackFrame, language: Language) => boolean | undefined

export const isInApp = (frame: StackFrame, language: Language, judge?: InAppJudge): boolean => {
  const judged = judge?.(frame, language)
  if (judged !== undefined) return judged
  const rule = LIBRARIES[language]
  if (rule === undefined) return true
  const where = BY_FILE.includes(language) ? (frame.file ?? frame.function) : frame.function
  return !rule.test(where)
}

/** Module and function of a frame: no line numbers, addresses, generated suffixes or build hashes. */
export function frameName(frame: StackFrame, language: Language): string {
  const name = frame.function
    .replace(/^async /, '')
    .replace(
      /\$\$(?:Lambda|EnhancerBySpringCGLIB|FastClassBySpringCGLIB|SpringCGLIB|EnhancerByCGLIB|FastClassByCGLIB)[\w$/@]*/g,
      '',
    )
    .replace(/\$Proxy\d+/g, '$Proxy')
    .replace(/lambda\$([\w$]*?)\$\d+/g, 'lambda$$$1')
    .replace(/GeneratedMethodAccessor\d+|GeneratedConstructorAccessor\d+/g, 'GeneratedAccessor')
    .replace(/\/0x[0-9a-f]+/g, '')
    .replace(/\$\d+(?=\.|$)/g, '$')
    .replace(/\.func\d+(?:\.\d+)*$/g, '.func')
    .replace(/ \[as [\w$ ]+\]$/, '')
    .replace(/^(?:Object|Function|Module|global|process)\.(?=\w)/, '')
  if (language !== 'node' && language !== 'python') return name
  if (language === 'node' && MINIFIED.test(name)) return `${moduleOf(frame.file ?? '')}:${MINIFIED_NAME}`
  return `${moduleOf(frame.file ?? '')}:${name}`
}

/** Last two parts of a path without extension and build hash: stable across hosts and bundles. */
function moduleOf(file: string): string {
  const parts = file
    .replace(/^(?:file|webpack):\/+/, '')
    .replace(/\?[\w=&.-]*$/, '')
    .split(/[\\/]/)
    .slice(-2)
  // Bundlers write hexadecimal or base 62 hashes: main.3f2a1b9c.js, index-DoK1Hw7N.js.
  return parts
    .join('/')
    .replace(/[.-](?:[0-9a-f]{8,20}|(?=\w*(?:\d|[a-z][A-Z]))\w{8})(?=\.)/g, '')
    .replace(/\.(?:[cm]?[jt]sx?|py)$/, '')
}

/** What a frame is: its name between builds, and whether it is the team's own. */
export interface SeenFrame {
  readonly name: string
  readonly own: boolean
}

/** Frames repeat: what was found of one is kept. */
const MAX_REMEMBERED = 50_000

export function createFrameReader(judge?: InAppJudge): (frame: StackFrame, language: Language) => SeenFrame {
  const seen = new Map<string, SeenFrame>()
  return (frame, language) => {
    const key = `${language}\0${frame.function}\0${frame.file ?? ''}`
    let found = seen.get(key)
    if (found === undefined) {
      if (seen.size >= MAX_REMEMBERED) seen.clear()
      found = { name: ownText(frameName(frame, language)), own: isInApp(frame, language, judge) }
      seen.set(key, found)
    }
    return found
  }
}

/** The frames that identify an exception, innermost first: the team's own, else all; recursion folded. */
export function identifyingFrames(
  exception: ExceptionInfo,
  language: Language,
  limit: number,
  read: (frame: StackFrame, language: Language) => SeenFrame = createFrameReader(),
): readonly string[] {
  const frames = exception.frames.map((frame) => read(frame, language))
  const own = frames.filter((frame) => frame.own)
  const names: string[] = []
  for (const { name } of own.length > 0 ? own : frames) {
    if (!names.includes(name)) names.push(name)
    if (names.length >= limit) break
  }
  return names
}
