import { describe, expect, it } from 'vitest'
import { frameOf } from '../../../test/support/records.ts'
import type { Language } from '../record.ts'
import { frameName, identifyingFrames, isInApp } from './frame.ts'

describe('a frame keeps its name between builds and runs', () => {
  it.each<[Language, string, string]>([
    ['java', 'com.shop.Orders.place (Orders.java:12)', 'com.shop.Orders.place (Orders.java:340)'],
    ['java', 'com.shop.Orders.lambda$place$0 (Orders.java:1)', 'com.shop.Orders.lambda$place$12 (Orders.java:2)'],
    ['java', 'com.shop.Orders$$Lambda$14/0x0000000800c8.apply', 'com.shop.Orders$$Lambda$977/0x00007f3c2a10.apply'],
    ['java', 'com.shop.Orders$$Lambda/0x0000000800c8.apply', 'com.shop.Orders$$Lambda$12/1389133897.apply'],
    [
      'java',
      'com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.place',
      'com.shop.Orders$$EnhancerBySpringCGLIB$$9f.place',
    ],
    ['java', 'com.sun.proxy.$Proxy12.find', 'com.sun.proxy.$Proxy7.find'],
    [
      'java',
      'jdk.internal.reflect.GeneratedMethodAccessor17.invoke',
      'jdk.internal.reflect.GeneratedMethodAccessor3.invoke',
    ],
    ['java', 'com.shop.Orders$1.run', 'com.shop.Orders$2.run'],
    ['go', 'main.handle.func1', 'main.handle.func2.1'],
    ['node', 'place (/app/dist/orders.js:12)', 'async place (/srv/release-9/dist/orders.js:99)'],
    ['node', 'place (/app/dist/main.3f2a1b9c.js:1)', 'place (/app/dist/main.99e0aa17.js:1)'],
    ['node', 'place (/app/assets/index-DoK1Hw7N.js:1)', 'place (/app/assets/index-xY7pQ2ab.js:1)'],
    ['node', 'place (webpack:///./src/orders.ts?3f2a:7)', 'place (webpack:///./src/orders.ts?91bd:7)'],
    ['node', 'place (file:///app/src/orders.ts:7)', 'place (C:\\app\\src\\orders.ts:7)'],
    ['node', 'Layer.handle [as handle_request] (/app/src/layer.js:95)', 'Layer.handle (/app/src/layer.js:1)'],
    ['python', 'place (/app/shop/orders.py:12)', 'place (/usr/src/shop/orders.py:40)'],
  ])('%s: %s and %s', (language, a, b) => {
    expect(frameName(frameOf(a), language)).toBe(frameName(frameOf(b), language))
  })

  it('a proxy has the name of what it stands for', () => {
    expect(frameName(frameOf('com.shop.Orders$$SpringCGLIB$$0.place'), 'java')).toBe('com.shop.Orders.place')
  })
})

describe('different code has different names', () => {
  it.each<[Language, string, string]>([
    ['java', 'com.shop.Orders.place', 'com.shop.Orders.cancel'],
    ['java', 'com.shop.Orders$$SpringCGLIB$$0.place', 'com.shop.Orders$$SpringCGLIB$$0.cancel'],
    ['java', 'com.shop.Orders.lambda$place$0', 'com.shop.Orders.lambda$cancel$0'],
    ['node', 'place (/app/src/orders.js:1)', 'place (/app/src/baskets.js:1)'],
    ['node', '<anonymous> (/app/src/orders.js:1)', '<anonymous> (/app/src/payments.js:1)'],
    ['python', 'run (/app/a/jobs.py:1)', 'run (/app/b/jobs.py:1)'],
    ['go', 'main.(*Server).Run', 'main.(*Worker).Run'],
  ])('%s: %s and %s', (language, a, b) => {
    expect(frameName(frameOf(a), language)).not.toBe(frameName(frameOf(b), language))
  })
})

describe("the team's own code is told from libraries", () => {
  it.each<[Language, string, boolean]>([
    ['java', 'com.shop.order.OrderService.place', true],
    ['java', 'kr.co.shop.주문.주문서비스.생성', true],
    ['java', 'javaxpert.Orders.run', true],
    ['java', 'java.util.ArrayList.get', false],
    ['java', 'org.springframework.web.servlet.DispatcherServlet.doDispatch', false],
    ['java', 'com.zaxxer.hikari.pool.HikariPool.getConnection', false],
    ['java', 'org.hibernate.engine.jdbc.Foo.bar', false],
    ['node', 'place (/app/src/orders.js:1)', true],
    ['node', 'emit (node:events:518)', false],
    ['node', 'next (/app/node_modules/express/lib/router/route.js:149)', false],
    ['node', 'next (C:\\app\\node_modules\\express\\index.js:1)', false],
    ['python', 'place (/app/shop/orders.py:1)', true],
    ['python', 'execute (/usr/local/lib/python3.12/site-packages/sqlalchemy/engine.py:1)', false],
    ['python', 'run (/usr/lib/python3.12/asyncio/runners.py:1)', false],
    ['go', 'main.(*Server).Run', true],
    ['go', 'runtime.gopanic', false],
    ['go', 'net/http.(*conn).serve', false],
    ['go', 'github.com/acme/shop/orders.Place', true],
    ['go', 'github.com/gin-gonic/gin.(*Context).Next', false],
    ['dotnet', 'Shop.Orders.Place(Int32 id)', true],
    ['dotnet', 'System.Linq.Enumerable.First(IEnumerable x)', false],
    ['dotnet', 'Microsoft.EntityFrameworkCore.DbContext.SaveChanges()', false],
    ['ruby', 'place (/app/models/order.rb:1)', true],
    ['ruby', 'call (/usr/local/bundle/gems/rack-3.0.0/lib/rack.rb:1)', false],
    ['php', 'place (/var/www/src/Order.php:1)', true],
    ['php', 'handle (/var/www/vendor/laravel/framework/Kernel.php:1)', false],
    ['rust', 'shop::orders::place', true],
    ['rust', 'core::panicking::panic_fmt', false],
    ['rust', 'tokio::runtime::task::harness::poll', false],
    ['dart', 'Orders.place (package:shop/orders.dart:1)', true],
    ['dart', 'State.build (package:flutter/src/widgets.dart:1)', false],
  ])('%s: %s', (language, frame, own) => expect(isInApp(frameOf(frame), language)).toBe(own))
})

describe('the frames that identify an exception', () => {
  const frames = (...texts: string[]): readonly string[] =>
    identifyingFrames({ type: 'E', message: '', frames: texts.map(frameOf) }, 'java', 3)

  it("are the team's own, innermost first", () => {
    expect(frames('java.util.List.get', 'com.shop.A.a', 'org.springframework.X.y', 'com.shop.B.b')).toEqual([
      'com.shop.A.a',
      'com.shop.B.b',
    ])
  })

  it('are those of libraries where the team has none', () => {
    expect(frames('java.util.List.get', 'org.springframework.X.y')).toEqual([
      'java.util.List.get',
      'org.springframework.X.y',
    ])
  })

  it('name a recursion once, however deep it is', () => {
    const deep = Array.from(
      { length: 500 },
      (_, i) => `com.shop.Tree.${i % 2 === 0 ? 'walk' : 'visit'} (Tree.java:${i})`,
    )
    expect(frames(...deep, 'com.shop.Main.main')).toEqual([
      'com.shop.Tree.walk',
      'com.shop.Tree.visit',
      'com.shop.Main.main',
    ])
  })

  it('are no more than the limit', () => {
    expect(frames('com.a.A.a', 'com.a.B.b', 'com.a.C.c', 'com.a.D.d')).toHaveLength(3)
  })
})
