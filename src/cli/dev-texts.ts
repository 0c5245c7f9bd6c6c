/** What `npm start` says on a terminal. */
import type { UiLanguage } from '../pipeline/incident.ts'

export interface DevTexts {
  readonly stop: (dataDir: string) => string
  readonly stream: (name: string, shards: number, endpoint: string) => string
  readonly sendOwn: string
  readonly httpOnly: string
  readonly noStream: string
  readonly demo: (services: number, rate: number, seed: number) => string
  readonly noDemoHint: string
  readonly demoOff: string
  readonly storage: (archive: string) => string
  readonly rules: (runbooks: number) => string
  readonly noKey: string
  readonly model: (name: string) => string
  readonly slackPreview: string
  readonly noToken: string
  readonly slackBot: (channel: string) => string
  readonly slackWebhook: string
  readonly resumed: (incidents: number, records: string) => string
  readonly portTaken: (wished: number, taken: number) => string
  readonly likely: string
  readonly joined: (n: string, service: string, id: string) => string
  readonly back: string
  readonly stopping: string
  readonly labels: {
    readonly stream: string
    readonly demo: string
    readonly archive: string
    readonly search: string
    readonly state: string
    readonly analysis: string
    readonly slack: string
  }
  readonly summary: {
    readonly received: string
    readonly kept: string
    readonly dropped: string
    readonly rejected: string
    readonly incidents: string
    readonly messages: string
    readonly latency: string
    readonly ledger: string
    readonly balanced: string
    readonly unbalanced: string
  }
}

const en: DevTexts = {
  stop: (dataDir) => `Ctrl-C to stop · data in ${dataDir}`,
  stream: (name, shards, endpoint) => `${name}, ${shards} shards (local Kinesis on ${endpoint})`,
  sendOwn: 'send your own: README, "Send logs"',
  httpOnly: 'HTTP only: POST /ingest, POST /v1/logs',
  noStream: 'none: sends what other processes found',
  demo: (services, rate, seed) => `${services} services, about ${rate} lines/s, seed ${seed}`,
  noDemoHint: '--no-demo to start empty',
  demoOff: 'off',
  storage: (archive) => archive,
  rules: (runbooks) => `rules + ${runbooks} runbooks`,
  noKey: 'OPENAI_API_KEY not set: no model, everything else works',
  model: (name) => `rules first, then ${name}`,
  slackPreview: 'preview at /slack',
  noToken: 'CALI_SLACK_BOT_TOKEN not set',
  slackBot: (channel) => `bot, channel ${channel}`,
  slackWebhook: 'webhook (no edits, no threads: set CALI_SLACK_BOT_TOKEN for both)',
  resumed: (incidents, records) =>
    `resumed: ${incidents} known incidents, ${records} records counted so far; what is known makes no new message`,
  portTaken: (wished, taken) => `port ${wished} is in use, took ${taken}`,
  likely: 'likely:',
  joined: (n, service, id) => `${n} more ${n === '1' ? 'line' : 'lines'} of ${service} joined ${id}`,
  back: 'came back:',
  stopping: 'stopping: writing out what is pending (Ctrl-C again to force)',
  labels: {
    stream: 'stream',
    demo: 'demo',
    archive: 'archive',
    search: 'search',
    state: 'state',
    analysis: 'analysis',
    slack: 'Slack',
  },
  summary: {
    received: 'received',
    kept: 'kept',
    dropped: 'dropped',
    rejected: 'rejected',
    incidents: 'incidents',
    messages: 'messages',
    latency: 'line to message',
    ledger: 'ledger',
    balanced: 'balanced',
    unbalanced: 'DOES NOT BALANCE',
  },
}

const ko: DevTexts = {
  stop: (dataDir) => `종료는 Ctrl-C · 데이터는 ${dataDir}`,
  stream: (name, shards, endpoint) => `${name}, 샤드 ${shards}개 (로컬 Kinesis ${endpoint})`,
  sendOwn: '내 로그 보내기: README "로그 보내기"',
  httpOnly: 'HTTP 전용: POST /ingest, POST /v1/logs',
  noStream: '없음: 다른 프로세스가 찾은 것을 보냅니다',
  demo: (services, rate, seed) => `서비스 ${services}개, 초당 약 ${rate}줄, 시드 ${seed}`,
  noDemoHint: '--no-demo 빈 상태로 시작',
  demoOff: '끔',
  storage: (archive) => archive,
  rules: (runbooks) => `규칙 + 런북 ${runbooks}개`,
  noKey: 'OPENAI_API_KEY 없음: 모델만 빠지고 나머지는 모두 동작합니다',
  model: (name) => `규칙 분석 먼저, 이어서 ${name}`,
  slackPreview: '/slack 에서 미리보기',
  noToken: 'CALI_SLACK_BOT_TOKEN 없음',
  slackBot: (channel) => `봇, 채널 ${channel}`,
  slackWebhook: '웹훅(수정·스레드 불가: CALI_SLACK_BOT_TOKEN을 설정하면 가능)',
  resumed: (incidents, records) =>
    `이어서 시작: 알려진 인시던트 ${incidents}건, 지금까지 레코드 ${records}건. 이미 알린 것은 다시 알리지 않습니다`,
  portTaken: (wished, taken) => `포트 ${wished}이(가) 사용 중이라 ${taken}을(를) 씁니다`,
  likely: '추정:',
  joined: (n, service, id) => `${service}의 ${n}줄이 ${id}에 합쳐짐`,
  back: '재발:',
  stopping: '종료 중: 남은 데이터를 저장합니다 (강제 종료는 Ctrl-C 한 번 더)',
  labels: {
    stream: '스트림',
    demo: '데모',
    archive: '보관',
    search: '검색',
    state: '상태',
    analysis: '분석',
    slack: 'Slack',
  },
  summary: {
    received: '받음',
    kept: '남김',
    dropped: '버림',
    rejected: '거절',
    incidents: '인시던트',
    messages: '메시지',
    latency: '줄→메시지',
    ledger: '장부',
    balanced: '맞음',
    unbalanced: '맞지 않음',
  },
}

export const DEV_TEXTS: Readonly<Record<UiLanguage, DevTexts>> = { en, ko }
