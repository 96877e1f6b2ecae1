import { load, type Order } from './load.ts'

// The load generator's own process: one order at a time, one result each.
process.on('message', (order: Order) => {
  load(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      throw error
    },
  )
})
process.send?.('ready')
