import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { NodePlace } from '../core/record/place.ts';
import { isSamePlace, type Place, placePhrase } from '../core/record/place.ts';
import { SpokeNotConfiguredError, SpokeRefusedError } from './errors.ts';
import { withPatience } from './waiting/patience.ts';

/** The role that the service assumes in another account. */
export interface SpokeRole {
  /** Twelve digits. */
  readonly account: string;
  readonly roleArn: string;
  /** What the role's trust policy asks for besides the caller, so that nobody else's service is tricked into using it. */
  readonly externalId?: string | undefined;
}

/** Credentials of an assumed role, as the SDK's clients take them. */
export interface SpokeCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
}

/** What an AWS client is opened with for a place; empty for the service's own. */
export interface ClientSettings {
  readonly region?: string;
  readonly credentials?: () => Promise<SpokeCredentials>;
  /** Slows down by itself when the service throttles. */
  readonly retryMode: 'adaptive';
}

/** Credentials this close to their end are not used for another call. */
const RENEW_BEFORE_MS = 5 * 60_000;
const SESSION_NAME = 'conntrack-medic';

/** The spoke roles, with credentials that are kept until shortly before their end. */
export class SpokeRoles {
  private readonly spokes: readonly SpokeRole[];
  /** Opened in the region that the credentials are for: those of the global endpoint are not valid everywhere. */
  private readonly stsIn: (region: string) => STSClient;
  private readonly now: () => number;
  private readonly kept = new Map<string, Promise<SpokeCredentials>>();

  constructor(
    spokes: readonly SpokeRole[],
    stsIn: (region: string) => STSClient = (region) => new STSClient(withPatience({ region })),
    now: () => number = Date.now,
  ) {
    this.spokes = spokes;
    this.stsIn = stsIn;
    this.now = now;
  }

  /** Credentials for calls in another account; nothing when no role is configured there. */
  credentialsFor(place: NodePlace): (() => Promise<SpokeCredentials>) | undefined {
    const spoke = this.spokes.find(({ account }) => account === place.account);
    return spoke === undefined ? undefined : () => this.credentials(spoke, place);
  }

  private async credentials(spoke: SpokeRole, place: NodePlace): Promise<SpokeCredentials> {
    const key = `${place.account}/${place.region}`;
    const kept = this.kept.get(key);
    if (kept !== undefined) {
      const { expiration } = await kept;
      if ((expiration?.getTime() ?? 0) - this.now() > RENEW_BEFORE_MS) return await kept;
      // Whoever else waited for the same credentials may have renewed them already.
      if (this.kept.get(key) !== kept) return await this.credentials(spoke, place);
    }
    const assumed = this.assume(spoke, place);
    this.kept.set(key, assumed);
    try {
      return await assumed;
    } catch (error) {
      this.kept.delete(key);
      throw error;
    }
  }

  private async assume({ roleArn, externalId }: SpokeRole, place: NodePlace): Promise<SpokeCredentials> {
    const { Credentials } = await this.stsIn(place.region).send(
      new AssumeRoleCommand({ RoleArn: roleArn, ExternalId: externalId, RoleSessionName: SESSION_NAME }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new SpokeRefusedError(`STS gave no credentials for ${roleArn}; look at the role's trust policy.`);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  }
}

/** Opens accounts and regions: the service's own with its own rights, others with their spoke role. */
export class SpokeAccess {
  private readonly home: Place;
  private readonly roles: SpokeRoles;

  constructor(home: Place, roles: SpokeRoles) {
    this.home = home;
    this.roles = roles;
  }

  /**
   * How to open clients for a place.
   * @throws SpokeNotConfiguredError with one sentence when no role is configured for its account
   */
  settingsFor(place: Place): ClientSettings {
    if (isSamePlace(place, this.home)) return { retryMode: 'adaptive' };
    if (place.account === this.home.account) return { retryMode: 'adaptive', region: place.region };
    const credentials = this.roles.credentialsFor(place);
    if (credentials === undefined)
      throw new SpokeNotConfiguredError(
        `${placePhrase(place)} is not among the spokes of the configuration; deploy the spoke role there and add it.`,
      );
    return { retryMode: 'adaptive', region: place.region, credentials };
  }
}
