import { TypeGuards, type PropertyAccessToken } from 'liquidjs'
import { nearest } from '../nearest.ts'
import { describe, type RecordShape, type Shape } from './shape.ts'

/** What a name of the view is, dot by dot; `any`, and the mistake noted, if there is no such name. */
export function lookUp(
  token: PropertyAccessToken,
  scope: RecordShape,
  report: (index: number, message: string) => void,
): Shape {
  let shape: Shape = scope
  let path = ''
  for (const prop of token.props) {
    if (!TypeGuards.isWordToken(prop) && !TypeGuards.isQuotedToken(prop)) {
      report(prop.begin, 'write the name of the member: [ ] takes nothing else here')
      return 'any'
    }
    const next = memberOf(shape, prop.content)
    if (next === undefined) {
      report(path === '' ? token.begin : prop.begin, unknownName(scope, shape, path, prop.content))
      return 'any'
    }
    shape = next
    path = path === '' ? prop.content : `${path}.${prop.content}`
  }
  return shape
}

function memberOf(shape: Shape, name: string): Shape | undefined {
  if (shape === 'any') return 'any'
  if (shape === 'text') return name === 'size' ? 'number' : undefined
  if (typeof shape !== 'object') return undefined
  if ('members' in shape) return Object.hasOwn(shape.members, name) ? shape.members[name] : undefined
  if (name === 'size') return 'number'
  return name === 'first' || name === 'last' ? shape.item : undefined
}

function unknownName(scope: RecordShape, shape: Shape, path: string, name: string): string {
  const whole = path === '' ? name : `${path}.${name}`
  if (typeof shape !== 'object') return `no "${whole}": "${path}" is ${describe(shape)} and has no members`
  if ('item' in shape) return `no "${whole}": "${path}" is a list, loop over it or use first, last or size`
  const near = nearest(name, Object.keys(shape.members))
  const elsewhere = path === '' && near === undefined ? findMember(scope, name) : undefined
  const meant = elsewhere ?? (near === undefined || path === '' ? near : `${path}.${near}`)
  return `no "${whole}"${meant === undefined ? '' : `, did you mean "${meant}"?`}`
}

/** `incident.title` for a bare `title`. */
function findMember(scope: RecordShape, name: string): string | undefined {
  for (const [root, shape] of Object.entries(scope.members)) {
    if (typeof shape === 'object' && 'members' in shape && Object.hasOwn(shape.members, name)) return `${root}.${name}`
  }
  return undefined
}
