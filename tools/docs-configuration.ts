/** Configuration pages of the documentation, from the schema: `npm run generate:docs` writes them. */
import { writeFileSync } from 'node:fs'
import { ALIASES, configSchema, SECRET_KEYS } from '../src/app/config.ts'
import { describeKey } from '../src/app/settings-view.ts'
import { type ConfigKey, configKeys, getPath } from '../src/platform/config/load.ts'

type Language = 'en' | 'ko'

const TEXTS = {
  en: {
    title: 'Configuration',
    other: 'English | [한국어](../ko/configuration.md)',
    generated:
      'This page is generated from the schema in `src/app/config.ts` by `npm run generate:docs`. Do not edit it by hand.',
    intro: [
      'CALI runs without any configuration. What you set comes from four places; the first one that has a value wins:',
      '1. a flag of the command, e.g. `--port 8080`\n2. an environment variable, e.g. `CALI_SERVER_PORT=8080`\n3. `cali.yaml` in the working folder, or the file named by `--config` or `CALI_CONFIG`\n4. the default below',
      'Unknown keys are errors, so that a typing error never passes for a setting. `cali config check` says whether everything is accepted, `cali config print` shows each value and where it comes from (secrets masked), and `cali config schema` prints a JSON Schema for your editor.',
    ],
    example: 'Example',
    exampleComment: '# cali.yaml',
    secrets: 'Secrets',
    secretsText:
      'Keys marked with * are secrets: they are never printed. Each variable has a twin that ends in `_FILE` and names a file, e.g. `CALI_SLACK_BOT_TOKEN_FILE=/run/secrets/slack`. Setting both is an error. A secret is best kept out of `cali.yaml`.',
    aliases: 'Names of other tools',
    aliasesText: 'Read when the own variable is not set:',
    columns: ['Key', 'Variable', 'Default', 'Meaning'],
    aliasColumns: ['Key', 'Also read from'],
    all: 'All settings',
    units: 'Durations are written `500ms`, `30s`, `15m`, `2h` or `7d`. Lists in a variable are JSON: `["a","b"]`.',
  },
  ko: {
    title: '설정',
    other: '[English](../en/configuration.md) | 한국어',
    generated:
      '이 문서는 `src/app/config.ts`의 스키마에서 `npm run generate:docs`로 생성돼요. 직접 고치지 마세요. 설명은 코드와 같은 영어예요.',
    intro: [
      'CALI는 설정이 하나도 없어도 실행돼요. 값은 네 곳에서 오고, 위에 있는 것이 이겨요.',
      '1. 명령의 플래그. 예: `--port 8080`\n2. 환경 변수. 예: `CALI_SERVER_PORT=8080`\n3. 작업 폴더의 `cali.yaml`, 또는 `--config`나 `CALI_CONFIG`로 지정한 파일\n4. 아래 표의 기본값',
      '모르는 키는 오류로 처리해요. 오타가 설정인 척 조용히 넘어가지 않게 하려는 거예요. `cali config check`는 설정을 받아들일 수 있는지 알려 주고, `cali config print`는 값과 출처를 보여 주고(비밀 값은 가려요), `cali config schema`는 편집기용 JSON Schema를 출력해요.',
    ],
    example: '예시',
    exampleComment: '# cali.yaml',
    secrets: '비밀 값',
    secretsText:
      '*가 붙은 키는 비밀 값이라 어디에도 출력하지 않아요. 변수마다 `_FILE`로 끝나는 짝이 있어서 값 대신 파일을 가리킬 수 있어요. 예: `CALI_SLACK_BOT_TOKEN_FILE=/run/secrets/slack`. 둘 다 설정하면 오류예요. 비밀 값은 `cali.yaml`에 적지 않는 편이 좋아요.',
    aliases: '다른 도구의 이름',
    aliasesText: 'CALI 변수가 없을 때 대신 읽어요.',
    columns: ['키', '변수', '기본값', '의미'],
    aliasColumns: ['키', '함께 읽는 이름'],
    all: '전체 설정',
    units: '기간은 `500ms`, `30s`, `15m`, `2h`, `7d`처럼 적어요. 변수에 목록을 넣을 때는 JSON으로 적어요: `["a","b"]`.',
  },
} as const

const EXAMPLE = `lang: ko
timeZone: Asia/Seoul
server:
  publicUrl: https://cali.example.com
slack:
  channel: C0123456789
  mentions: [S0123456789]
incidents:
  quietAfter: 30m
knowledge:
  dirs: [./runbooks-of-our-team]
rules:
  - id: drop-health-checks
    action: drop
    pattern: GET /healthz
  - id: keep-warnings
    action: keep
    minSeverity: WARN
  - id: archive-the-rest
    action: archive`

export const PAGES: Readonly<Record<Language, string>> = {
  en: 'docs/en/configuration.md',
  ko: 'docs/ko/configuration.md',
}

export function configurationPage(language: Language): string {
  const texts = TEXTS[language]
  const keys = configKeys(configSchema, SECRET_KEYS)
  const defaults = configSchema.parse({})
  return [
    `# ${texts.title}`,
    texts.other,
    texts.generated,
    ...texts.intro,
    `## ${texts.example}`,
    `\`\`\`yaml\n${texts.exampleComment}\n${EXAMPLE}\n\`\`\``,
    `## ${texts.secrets}`,
    texts.secretsText,
    `## ${texts.aliases}`,
    texts.aliasesText,
    table(
      texts.aliasColumns,
      Object.entries(ALIASES).map(([key, names]) => [code(key), names.map(code).join(', ')]),
    ),
    `## ${texts.all}`,
    texts.units,
    table(
      texts.columns,
      keys.map((key) => [
        `${code(key.path)}${key.secret ? '*' : ''}`,
        code(key.variable),
        defaultOf(key, defaults),
        describeKey(key.path).replaceAll('|', '\\|'),
      ]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function defaultOf(key: ConfigKey, defaults: unknown): string {
  const value = getPath(defaults, key.path.split('.'))
  if (value === undefined) return ''
  if (typeof value === 'number' && DURATIONS.has(key.path)) return code(duration(value))
  return code(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Keys whose value the schema turns into milliseconds: text is accepted where the output is a number. */
const DURATIONS: ReadonlySet<string> = new Set(
  configKeys(configSchema, SECRET_KEYS)
    .map(({ path }) => path)
    .filter((path) => acceptsDuration(path)),
)

function acceptsDuration(path: string): boolean {
  const input: Record<string, unknown> = {}
  path.split('.').reduce<Record<string, unknown>>((at, part, i, parts) => {
    at[part] = i === parts.length - 1 ? '61s' : {}
    return at[part] as Record<string, unknown>
  }, input)
  const parsed = configSchema.safeParse(input)
  return parsed.success && getPath(parsed.data, path.split('.')) === 61_000
}

function duration(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms >= size && ms % size === 0 && !(unit === 'm' && ms === 60_000)) return `${ms / size}${unit}`
  return `${ms}ms`
}

const code = (text: string): string => `\`${text}\``

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

if (process.argv[1]?.endsWith('docs-configuration.ts') === true) {
  for (const language of ['en', 'ko'] as const)
    writeFileSync(new URL(`../${PAGES[language]}`, import.meta.url), configurationPage(language))
}
