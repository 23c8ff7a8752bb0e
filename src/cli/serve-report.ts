/** What `egresso serve` says when it takes requests: where everything is. */

export interface ServePlaces {
  /** Without a slash at its end. */
  readonly url: string;
  /** Where jobs are kept: a directory, or the URL of a Redis. */
  readonly jobs: string;
  readonly hasKeys: boolean;
  /** Why jobs are refused. */
  readonly jobsFault?: string | undefined;
}

/** The first line is for programs: it stays as it is. */
export function serveReport({ url, jobs, hasKeys, jobsFault }: ServePlaces): string {
  const lines = [
    `egresso listens on ${url}`,
    `  documents  ${url}/docs, ${url}/openapi.json`,
    `  health     ${url}/health/live, ${url}/health/ready`,
    `  metrics    ${url}/metrics`,
    `  jobs       ${withoutPassword(jobs)}${jobsFault === undefined ? '' : `: refused, ${jobsFault}`}`,
    `  keys       ${hasKeys ? 'asked for' : 'none: this machine only'}`,
  ];
  return `${lines.join('\n')}\n`;
}

function withoutPassword(place: string): string {
  return place.replace(/^(rediss?:\/\/[^:@/]*):[^@/]*@/, '$1@');
}
