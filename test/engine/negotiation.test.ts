import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { agreeOnApiVersion, compareApiVersions } from '../../src/engine/api-version.ts';
import { engineInfo } from '../../src/engine/negotiation.ts';
import type { EngineInfoJson, EngineVersionJson } from '../../src/engine/negotiation.ts';

suite('API version', () => {
  const cases: [engine: string, min: string | null, max: string, agreed: string | null][] = [
    ['20.10', '1.12', '1.41', '1.41'],
    ['24', '1.12', '1.43', '1.43'],
    ['25', '1.24', '1.44', '1.44'],
    ['28.5', '1.24', '1.51', '1.51'],
    ['29.0', '1.44', '1.52', '1.51'],
    ['29.3', '1.40', '1.55', '1.51'],
    ['podman', '1.24', '1.41', '1.41'],
    ['one that says no minimum', null, '1.44', '1.44'],
    ['19.03', '1.12', '1.40', '1.40'],
    ['18.09, too old', '1.12', '1.39', null],
    ['one of the future, too new', '1.52', '1.60', null],
  ];
  for (const [engine, min, max, agreed] of cases) {
    test(`${engine}: ${agreed ?? 'none'}`, () => {
      assert.equal(agreeOnApiVersion({ min, max }), agreed);
    });
  }

  test('compares numbers, not texts', () => {
    assert.ok(compareApiVersions('1.9', '1.41') < 0);
    assert.ok(compareApiVersions('2.0', '1.51') > 0);
    assert.equal(compareApiVersions('1.41', '1.41'), 0);
  });
});

suite('what an engine is', () => {
  const version: EngineVersionJson = { Version: '26.1.5', Os: 'linux', Arch: 'amd64' };
  const stores: [store: string, EngineVersionJson, EngineInfoJson | null][] = [
    ['CLASSIC', version, { DriverStatus: [['Backing Filesystem', 'extfs']] }],
    ['CLASSIC', version, { DriverStatus: null }],
    ['CLASSIC', version, null],
    [
      'CONTAINERD',
      version,
      { Driver: 'overlayfs', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] },
    ],
    ['PODMAN', { ...version, Components: [{ Name: 'Podman Engine' }] }, { DriverStatus: [] }],
  ];
  for (const [store, versionJson, info] of stores) {
    test(`${store} by ${JSON.stringify(info)}`, () => {
      assert.equal(engineInfo('1.45', versionJson, info).imageStore, store);
    });
  }

  test('without /info is told as far as /version goes', () => {
    assert.deepEqual(engineInfo('1.45', version, null), {
      version: '26.1.5',
      apiVersion: '1.45',
      os: 'linux',
      architecture: 'amd64',
      operatingSystem: null,
      dataRoot: null,
      storageDriver: null,
      imageStore: 'CLASSIC',
      cpus: null,
      memoryBytes: null,
      registryMirrors: [],
      insecureRegistries: [],
    });
  });

  test("without /version the machine's name is turned into Go's", () => {
    const info = { OSType: 'linux', Architecture: 'aarch64', ServerVersion: '25.0.1' };
    const told = engineInfo('1.44', {}, info);
    assert.equal(told.architecture, 'arm64');
    assert.equal(told.version, '25.0.1');
  });

  test('insecure registries are networks and names', () => {
    const info = {
      RegistryConfig: {
        Mirrors: ['https://mirror/'],
        InsecureRegistryCIDRs: ['127.0.0.0/8'],
        IndexConfigs: { 'reg:5000': { Secure: false }, 'docker.io': { Secure: true } },
      },
    };
    const told = engineInfo('1.44', version, info);
    assert.deepEqual(told.insecureRegistries, ['127.0.0.0/8', 'reg:5000']);
    assert.deepEqual(told.registryMirrors, ['https://mirror/']);
  });
});
