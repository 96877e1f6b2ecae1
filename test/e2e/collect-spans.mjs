// Loaded before the relay: an OpenTelemetry SDK that prints each span as one line.
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

const exporter = {
  export(spans, done) {
    for (const { name, kind, attributes } of spans)
      process.stdout.write(`span ${JSON.stringify({ name, kind, ...attributes })}\n`)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
