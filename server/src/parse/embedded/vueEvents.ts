/**
 * Events of Vue components: telling of one calls the handler that a parent has given as a property.
 */

/** `('name', ` of a call that tells of an event. */
const EVENT = `\\(\\s*(['"])([\\w:-]+)\\1\\s*(?:,|(?=\\)))`;

/** Calls of a function that tells of events: its name, and the property that a parent's handler is. */
export function eventCalls(name: string, flags: string): RegExp {
  return new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}${EVENT}`, flags);
}

/** `this.$emit('name', ` */
export const MEMBER_EVENT = new RegExp(`(?<=\\.)\\$emit${EVENT}`, 'g');

/** The property that holds a handler of an event. */
export function handlerOf(event: string): string {
  return camelCase(`on-${event}`);
}

export function camelCase(name: string): string {
  return name.replace(/[-:]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}
