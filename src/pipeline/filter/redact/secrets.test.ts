import { describe, expect, test } from 'vitest'
import { fake, fakeJwt, fakeKeyBlock, fakeUuid, HEX, LETTERS, UPPER } from './fake-secrets.test-data.ts'
import { createRedactor, PERSONAL_RULES } from './redactor.ts'

const redactor = createRedactor({ key: new Uint8Array(32).fill(2) })
const masked = (text: string) => redactor.redact(text).replace(/:[0-9a-f]{4}\]/g, ']')
const lower = (length: number) => fake(length).toLowerCase()

describe('tokens with a form of their own are found anywhere', () => {
  const tokens: Record<string, string> = {
    AWS_KEY: `AKIA${fake(16, UPPER)}`,
    GCP_KEY: `AIza${fake(35)}`,
    AZURE_SECRET: `${fake(3)}8Q~${fake(34)}`,
    GITHUB_TOKEN: `ghp_${fake(36)}`,
    GITLAB_TOKEN: `glpat-${fake(20)}`,
    SLACK_TOKEN: `xoxb-${fake(12, '0123456789')}-${fake(13, '0123456789')}-${fake(24)}`,
    STRIPE_KEY: `sk_live_${fake(24)}`,
    TWILIO_KEY: `SK${fake(32, HEX)}`,
    SENDGRID_KEY: `SG.${fake(22)}.${fake(43)}`,
    OPENAI_KEY: `sk-proj-${fake(64)}`,
    ANTHROPIC_KEY: `sk-ant-api03-${fake(93)}AA`,
    NPM_TOKEN: `npm_${fake(36)}`,
    PYPI_TOKEN: `pypi-AgEIcHlwaS5vcmc${fake(80)}`,
    DOCKER_TOKEN: `dckr_pat_${fake(27)}`,
    HUGGINGFACE_TOKEN: `hf_${fake(34, LETTERS)}`,
    SHOPIFY_TOKEN: `shpat_${fake(32, HEX)}`,
    NEWRELIC_KEY: `NRAK-${fake(27, UPPER)}`,
    ATLASSIAN_TOKEN: `ATATT3${fake(186)}`,
    DIGITALOCEAN_TOKEN: `dop_v1_${fake(64, HEX)}`,
    SQUARE_TOKEN: `sq0atp-${fake(22)}`,
    GRAFANA_TOKEN: `glsa_${fake(32)}_${fake(8, HEX)}`,
    VAULT_TOKEN: `hvs.${fake(95)}`,
    TERRAFORM_TOKEN: `${fake(14)}.atlasv1.${fake(64)}`,
    DATABRICKS_TOKEN: `dapi${fake(32, HEX)}`,
    SENTRY_TOKEN: `sntryu_${fake(64, HEX)}`,
    NOTION_TOKEN: `ntn_${fake(11, '0123456789')}${fake(35)}`,
    LINEAR_KEY: `lin_api_${fake(40)}`,
    POSTMAN_KEY: `PMAK-${fake(24, HEX)}-${fake(34, HEX)}`,
    DOPPLER_TOKEN: `dp.pt.${fake(43)}`,
    PLANETSCALE_TOKEN: `pscale_tkn_${fake(43)}`,
    TOSS_KEY: `live_gsk_${fake(32)}`,
    JWT: fakeJwt(),
  }
  test.each(Object.entries(tokens))('%s', (type, value) => {
    for (const [before, after] of [
      ['', ''],
      ['using ', ' now'],
      ['"k":"', '"'],
      ['x=', ','],
      ['message\\n', '\\n'],
      ['은 ', '입니다'],
      ['(', ')'],
    ] as const) {
      expect(masked(before + value + after)).toBe(`${before}[${type}]${after}`)
    }
  })

  test('inside a longer word they are not', () => {
    expect(masked(`x${tokens['GITHUB_TOKEN']}`)).toBe(`x${tokens['GITHUB_TOKEN']}`)
  })

  test('examples from documentation are not', () => {
    for (const text of [
      `ghp_${'x'.repeat(36)}`,
      `AKIAIOSFODNN7${'EXAMPLE'}`,
      'xoxb-your-token',
      `glpat-${'X'.repeat(20)}`,
    ])
      expect(masked(text)).toBe(text)
  })
})

describe('tokens without a form are known by their vendor', () => {
  const values: readonly (readonly [string, string, string])[] = [
    ['DATADOG_KEY', 'DATADOG_API_KEY=', fake(32, HEX)],
    ['HEROKU_KEY', 'heroku_api_key: ', fakeUuid()],
    ['OKTA_TOKEN', '"oktaApiToken": "', `00${fake(40)}`],
    ['MAIL_KEY', 'mailchimp_key = ', `${fake(32, HEX)}-us18`],
    ['TELEGRAM_TOKEN', 'https://api.telegram.org/bot', `123456789:A${fake(34)}`],
    ['SNYK_TOKEN', 'SNYK_TOKEN=', fakeUuid()],
    ['ALGOLIA_KEY', 'algoliaKey: "', lower(32)],
    ['KAKAO_KEY', 'kakao.rest-api-key=', fake(32, HEX)],
  ]
  test.each(values)('%s', (type, before, value) => {
    expect(masked(before + value)).toBe(`${before}[${type}]`)
  })
})

describe('credentials are known by their place', () => {
  const password = `${fake(8)}!9`
  const token = fake(40)
  const rows: readonly (readonly [string, string])[] = [
    [`postgres://app:${password}@db.prod:5432/orders`, 'postgres://app:[PASSWORD]@db.prod:5432/orders'],
    [`redis://:${password}@cache:6379/0`, 'redis://:[PASSWORD]@cache:6379/0'],
    [`https://kim:${password}@example.com/x?y=1`, 'https://kim:[PASSWORD]@example.com/x?y=1'],
    [`jdbc:oracle:thin:scott/${password}@//db:1521/x`, 'jdbc:oracle:thin:scott/[PASSWORD]@//db:1521/x'],
    [`Authorization: Bearer ${token}`, 'Authorization: Bearer [TOKEN]'],
    [`authorization=Basic ${Buffer.from(`kim:${password}`).toString('base64')}`, 'authorization=Basic [TOKEN]'],
    [`{"Authorization":"Bearer ${token}","a":1}`, '{"Authorization":"Bearer [TOKEN]","a":1}'],
    [`{\\"authorization\\":\\"Bearer ${token}\\"}`, '{\\"authorization\\":\\"Bearer [TOKEN]\\"}'],
    [`Authorization: Bearer ${fakeJwt()}`, 'Authorization: Bearer [JWT]'],
    [`sent bearer ${token} to api`, 'sent bearer [TOKEN] to api'],
    [`Cookie: sid=${token}; theme=dark`, 'Cookie: [COOKIE]'],
    [`Set-Cookie: session=${token}; Path=/; HttpOnly`, 'Set-Cookie: session=[COOKIE]; Path=/; HttpOnly'],
    [`JSESSIONID=${fake(32, '0123456789ABCDEF')}`, 'JSESSIONID=[SESSION]'],
    [`GET /cb?token=${token}&x=1`, 'GET /cb?token=[TOKEN]&x=1'],
    [`GET /cb?x=1&access_token=${token} HTTP/1.1`, 'GET /cb?x=1&access_token=[TOKEN] HTTP/1.1'],
    [`/f?api_key=abc123&b=2`, '/f?api_key=[TOKEN]&b=2'.replace('[TOKEN]', 'abc123')],
    [`/f?api_key=${token}`, '/f?api_key=[TOKEN]'],
    [
      `https://b.s3.amazonaws.com/o?X-Amz-Signature=${fake(64, HEX)}&e=1`,
      'https://b.s3.amazonaws.com/o?X-Amz-Signature=[TOKEN]&e=1',
    ],
    [
      `https://a.blob.core.windows.net/c?sv=2022&sig=${fake(40)}%3D`,
      'https://a.blob.core.windows.net/c?sv=2022&sig=[TOKEN]',
    ],
    [`curl -u kim:${password} https://x`, 'curl -u kim:[PASSWORD] https://x'],
    [
      `hook https://hooks.slack.com/services/T${fake(9, UPPER)}/B${fake(9, UPPER)}/${fake(24)}`,
      'hook https://hooks.slack.com/services/[SLACK_WEBHOOK]',
    ],
  ]
  test.each(rows)('%s', (line, expected) => {
    expect(masked(line)).toBe(expected)
  })
})

describe('values are known by their key', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['password=hunter2', 'password=[PASSWORD]'],
    ['password: hunter2', 'password: [PASSWORD]'],
    ['"password":"hunter2 with space"', '"password":"[PASSWORD]"'],
    ["'passwd' => 'hunter2'", "'passwd' => '[PASSWORD]'"],
    ['{\\"password\\":\\"hunter2\\"}', '{\\"password\\":\\"[PASSWORD]\\"}'],
    ['"password":"a\\"b"', '"password":"[PASSWORD]"'],
    ['<password>hunter2</password>', '<password>[PASSWORD]</password>'],
    ['<add key="Password" value="hunter2" />', '<add key="Password" value="[PASSWORD]" />'],
    ['DB_PASSWORD=hunter2 DB_HOST=db', 'DB_PASSWORD=[PASSWORD] DB_HOST=db'],
    ['spring.datasource.password=hunter2', 'spring.datasource.password=[PASSWORD]'],
    ['mysql --password hunter2 -h db', 'mysql --password [PASSWORD] -h db'],
    ['Server=db;User Id=sa;Password=hunter2;Encrypt=true', 'Server=db;User Id=sa;Password=[PASSWORD];Encrypt=true'],
    ['비밀번호: hunter2', '비밀번호: [PASSWORD]'],
    ['비밀번호=hunter2입니다', '비밀번호=[PASSWORD]입니다'],
    ['비밀번호는 hunter2 입니다', '비밀번호는 [PASSWORD] 입니다'],
    ['비번이 hunter2!입니다', '비번이 [PASSWORD]입니다'],
    ['비밀번호=hunter2! 로 로그인 실패', '비밀번호=[PASSWORD] 로 로그인 실패'],
    ['인증번호는 482911 입니다', '인증번호는 [PASSWORD] 입니다'],
    ['"비밀번호":"hunter2"', '"비밀번호":"[PASSWORD]"'],
    ['암호 : hunter2', '암호 : [PASSWORD]'],
    [`client_secret=${fake(32)}`, 'client_secret=[SECRET]'],
    [`"clientSecret": "${fake(32)}"`, '"clientSecret": "[SECRET]"'],
    [`API_KEY=${fake(32)}`, 'API_KEY=[KEY]'],
    [`x-api-key: ${fake(32)}`, 'x-api-key: [KEY]'],
    [`X-Auth-Token: ${fake(32)}`, 'X-Auth-Token: [TOKEN]'],
    [`access_token='${fake(40)}'`, "access_token='[TOKEN]'"],
    [`refreshToken=${fake(40)}, x=1`, 'refreshToken=[TOKEN], x=1'],
    [`AccountName=a;AccountKey=${fake(86)}==;EndpointSuffix=x`, 'AccountName=a;AccountKey=[KEY];EndpointSuffix=x'],
    [`aws_secret_access_key = ${fake(40)}`, 'aws_secret_access_key = [SECRET]'],
    [`token: ${fakeUuid()}`, 'token: [TOKEN]'],
  ]
  test.each(rows)('%s', (line, expected) => {
    expect(masked(line)).toBe(expected)
  })
})

describe('key blocks', () => {
  test('a block of many lines becomes one placeholder', () => {
    expect(masked(`before\n${fakeKeyBlock()}\nafter`)).toBe('before\n[PRIVATE_KEY]\nafter')
  })

  test.each(['', 'EC ', 'OPENSSH ', 'ENCRYPTED '])('kind "%s"', (kind) => {
    expect(masked(fakeKeyBlock(kind))).toBe('[PRIVATE_KEY]')
  })

  test('a block inside a JSON string is found', () => {
    expect(masked(JSON.stringify({ private_key: fakeKeyBlock(), id: 1 }))).toBe(
      '{"private_key":"[PRIVATE_KEY]","id":1}',
    )
  })

  test('a block cut before its end goes to where it was cut', () => {
    expect(masked(`${fakeKeyBlock().slice(0, 400)}`)).toBe('[PRIVATE_KEY]')
  })

  test('a certificate is public and stays', () => {
    const certificate = fakeKeyBlock('').replaceAll('PRIVATE KEY', 'CERTIFICATE')
    expect(masked(certificate)).toBe(certificate)
  })
})

test('secret rules and rules for persons are told apart', () => {
  expect(redactor.rules.filter((rule) => PERSONAL_RULES.has(rule)).length).toBeGreaterThan(10)
  expect(redactor.find('password=hunter2').some(({ rule }) => PERSONAL_RULES.has(rule))).toBe(false)
})
