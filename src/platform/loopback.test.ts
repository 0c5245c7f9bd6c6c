import { describe, expect, it } from 'vitest'
import { isLoopbackEndpoint, isLoopbackHost } from './loopback.ts'

describe('loopback', () => {
  it.each(['localhost', '127.0.0.1', '127.9.8.7', '::1', '[::1]'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true)
  })

  it.each(['0.0.0.0', '127.example.com', 'localhost.example.com', '10.0.0.1', '[::2]', ''])('is not %j', (host) => {
    expect(isLoopbackHost(host)).toBe(false)
  })

  it('is found in an endpoint, whatever its port and path', () => {
    expect(isLoopbackEndpoint('http://localhost:4566/path')).toBe(true)
    expect(isLoopbackEndpoint('https://[::1]:4566')).toBe(true)
  })

  it('is not what names another machine, nothing, or no URL', () => {
    expect(isLoopbackEndpoint('http://127.example.com')).toBe(false)
    expect(isLoopbackEndpoint('https://localhost@kinesis.example.com')).toBe(false)
    expect(isLoopbackEndpoint(undefined)).toBe(false)
    expect(isLoopbackEndpoint('localhost')).toBe(false)
  })
})
