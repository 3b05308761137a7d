/** Keys and passwords handed to the guest (KubeVirt v1.9 admitters/vmi-create-admitter.go validateAccessCredentials). */
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid } from '../causes.ts';

interface Credential {
  source?: { secret?: object };
  propagationMethod?: { noCloud?: object; configDrive?: object; qemuGuestAgent?: { users?: string[] } };
}

interface AccessCredential {
  sshPublicKey?: Credential;
  userPassword?: Credential;
}

export function validateAccessCredentials(
  causes: StatusCause[],
  path: string,
  { accessCredentials, volumes }: VirtualMachineInstanceSpec,
): void {
  (accessCredentials as AccessCredential[] | undefined)?.forEach(({ sshPublicKey, userPassword }, index) => {
    const field = `${path}.accessCredentials[${index}]`;
    const refuse = (problem: string, name?: string): void => {
      causes.push(invalid(`${field} ${problem}`, name === undefined ? field : `${field}.${name}`));
    };
    if (sshPublicKey) {
      const { noCloud, configDrive, qemuGuestAgent } = sshPublicKey.propagationMethod ?? {};
      const method = 'sshPublicKey.propagationMethod';
      if (noCloud && !volumes?.some(volume => volume.cloudInitNoCloud)) {
        refuse('requires a noCloud volume to exist when the noCloud propagationMethod is in use.', method);
      }
      if (configDrive && !volumes?.some(volume => volume.cloudInitConfigDrive)) {
        refuse(
          'requires a configDrive volume to exist when the configDrive propagationMethod is in use.',
          method,
        );
      }
      if (qemuGuestAgent && !qemuGuestAgent.users?.length) {
        refuse(
          'requires at least one user to be present in the users list',
          `${method}.qemuGuestAgent.users`,
        );
      }
      if (!sshPublicKey.source?.secret) refuse('must have exactly one source set', 'sshPublicKey.source');
      if ([noCloud, configDrive, qemuGuestAgent].filter(set => set).length !== 1) {
        refuse('must have exactly one propagationMethod set', method);
      }
    }
    if (userPassword) {
      if (!userPassword.source?.secret) refuse('must have exactly one source set', 'userPassword.source');
      if (!userPassword.propagationMethod?.qemuGuestAgent) {
        refuse('must have exactly one propagationMethod set', 'userPassword.propagationMethod');
      }
    }
    if (Number(Boolean(sshPublicKey)) + Number(Boolean(userPassword)) !== 1) {
      refuse('must have exactly one access credential type set');
    }
  });
}
