/**
 * CDI v1.66 where package @kubevirt-ui-ext/kubevirt-api 1.7.0 differs from the custom resource definitions that
 * cdi-operator installs. Definitions carry the package's type names.
 */
import type { FieldTable } from './field-notation.ts';
import { newCdiKinds } from './new-kinds-cdi.ts';

export const repairs: { fields: FieldTable; drop: Readonly<Record<string, string>> } = {
  fields: {
    ...newCdiKinds,
    V1beta1CDIConfigSpec: { webhookPvcRendering: 'string' },
    V1beta1CDISpec: {
      cloneStrategyOverride: '... enum(copy|csi-clone|snapshot)',
      uninstallStrategy: '... enum(BlockUninstallIfWorkloadsExist|RemoveWorkloads)',
    },
    V1beta1CustomTLSProfile: {
      minTLSVersion: '... enum(VersionTLS10|VersionTLS11|VersionTLS12|VersionTLS13)',
    },
    V1beta1CustomizeComponentsPatch: { resourceName: '... minLength:1', resourceType: '... minLength:1' },
    V1beta1DataImportCronSpec: {
      serviceAccountName: 'string minLength:1',
      template: 'V1beta1DataVolumeTemplate !',
    },
    V1beta1DataVolumeSourceHTTP: { checksum: 'string', insecureSkipVerify: 'boolean' },
    V1beta1DataVolumeSourceImageIO: { insecureSkipVerify: 'boolean' },
    V1beta1DataVolumeSourceVDDK: { certConfigMap: 'string' },
    V1beta1DataVolumeSpec: { contentType: '... enum(archive|kubevirt)', serviceAccountName: 'string' },
    V1beta1FilesystemOverhead: {
      global: '... pattern:^(0(?:\\.\\d{1,3})?|1)$',
      storageClass: 'map<string> of:pattern:^(0(?:\\.\\d{1,3})?|1)$',
    },
    V1beta1StorageSpec: { accessModes: '[]string', volumeMode: 'string' },
    V1beta1TLSSecurityProfile: {
      custom: '... null',
      intermediate: '... null',
      modern: '... null',
      old: '... null',
      type: '... enum(Custom|Intermediate|Modern|Old)',
    },
  },
  /** Fields the served definitions do not have, separated by blanks. */
  drop: {},
};
