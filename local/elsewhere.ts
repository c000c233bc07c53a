import { type LocalServer, listenLocally, readBody } from './http-server.ts';

/** `…/20261130/eu-central-1/monitoring/aws4_request`: the service that a request was signed for. */
const SIGNED_FOR = /Credential=[^,\s]*\/([\w-]{1,40})\/aws4_request/;

/**
 * Stands for every service of AWS that has no stand-in of its own: whoever asks is told so at once, in the form of the service's
 * refusals. Without it a demo would ask AWS itself, under a key that is none there.
 */
export async function startElsewhere(): Promise<LocalServer> {
  return await listenLocally(async (request, response) => {
    await readBody(request);
    const service = SIGNED_FOR.exec(request.headers.authorization ?? '')?.[1] ?? 'such service';
    const message = `there is no ${service} on this machine`;
    if (/json|cbor/.test(request.headers['content-type'] ?? ''))
      response
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: 'NotServedHere', message }));
    else
      response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(
          `<ErrorResponse><Error><Code>NotServedHere</Code><Message>${message}</Message></Error></ErrorResponse>`,
        );
  });
}
