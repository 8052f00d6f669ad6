// All that Ear needs in Azure. `azd up` deploys it; docs/operations/deploy.md says what to set, docs/decisions/0008 why it is built so.
//
//   rg-ear-<environment>                    the app, its network, storage, bus, vault, logs, alerts
//   rg-ear-<environment>-endpoints          private endpoints to customers' vaults, made by the app
//   rg-ear-<environment>-link-<region>      the network of a region for those endpoints
//
// Access is by identity only: no key, token or connection string with one is a setting or an output.
targetScope = 'subscription'

import { region, setting, settingFromVault } from 'modules/types.bicep'
import { roles } from 'modules/roles.bicep'

@description('Name of the azd environment; one Ear each.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Azure region of the app.')
param location string

@description('Regions in which customers can have a private endpoint to their key vault; none: private networking is off.')
param regions region[] = []

@description('Spread over availability zones. False only where the region has none.')
param zoneRedundant bool = true

@description('Premium has private endpoints. Standard costs little and is reached over the public network, with Entra tokens.')
@allowed(['Premium', 'Standard'])
param serviceBusSku string = 'Premium'

@description('What keeps the state of Durable Functions.')
@allowed(['AzureStorage', 'DurableTaskScheduler'])
param durableBackend string = 'AzureStorage'

@allowed(['Consumption', 'Dedicated'])
param durableTaskSchedulerSku string = 'Consumption'

@description('Another name leaves all orchestrations in flight behind; their work is taken up again from the store (docs/operations/upgrade.md).')
@minLength(3)
@maxLength(45)
param taskHubName string = 'EarTasks'

@description('premium: Ear\'s own key is kept in a hardware security module.')
@allowed(['standard', 'premium'])
param vaultSku string = 'standard'

@description('How documents, wrapped keys and the audit trail are replicated.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param dataReplication string = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

@description('Copy Ear\'s own state each day to an account in which it can only add.')
param copies bool = true

@description('For so many days nobody can change or delete a copy. Some days later it goes by itself.')
@minValue(7)
@maxValue(3650)
param copyDays int = 35

@description('StandardV2 spans zones by itself, where a region has it.')
@allowed(['Standard', 'StandardV2'])
param natGatewaySku string = 'Standard'

@description('Addresses of the app\'s network, a /22 or larger. Must not overlap with a region\'s.')
param addressPrefix string = '10.80.0.0/22'

@description('Who is told when Ear itself is ill.')
param alertEmails string[] = []

@description('The address by which clients know Ear, where that is not the app\'s own.')
param publicBaseUrl string = ''

@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Instances that are always there for requests. Zone redundancy makes it two at least.')
@minValue(0)
@maxValue(100)
param readyForRequests int = 2

@description('Requests, most of them waiting agents, that one instance has in hand.')
@minValue(1)
@maxValue(1000)
param requestsPerInstance int = 500

@description('Object id of the identity that reads every event for a SIEM; empty: no subscription audit.')
param auditReaderPrincipalId string = ''

@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Settings of the app that differ from local.settings.sample.json.')
param appSettings setting[] = []

@description('Settings whose values are secrets in Ear\'s own vault.')
param settingsFromVault settingFromVault[] = []

@description('Tags of everything, beside Ear\'s own.')
param tags object = {}

var slug = toLower(join(
  split(replace(replace(replace(replace(environmentName, '.', '-'), '_', '-'), '(', '-'), ')', '-'), '--'),
  '-'
))
var suffix = uniqueString(subscription().id, environmentName)
// Long enough to know it by, short enough for every kind of resource; the suffix keeps it unique.
var shortName = 'ear-${take(slug, 12)}'
var groupName = 'rg-ear-${take(slug, 40)}-${take(suffix, 5)}'
var endpointsGroupName = '${groupName}-endpoints'
var hubName = 'vnet-${shortName}'
var identityName = '${shortName}-${suffix}'
var applicationInsightsName = 'appi-${shortName}-${suffix}'
var makerRoleName = guid(subscription().id, suffix, 'endpoint-maker')
var joinerRoleName = guid(subscription().id, suffix, 'endpoint-joiner')
var copyRoleName = guid(subscription().id, suffix, 'copy-adder')
var topicName = 'ear-events'
var deploymentContainer = 'deployment'
var allTags = union(tags, { 'azd-env-name': environmentName, system: 'ear' })

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: groupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: identityName, location: location, tags: allTags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${shortName}-${suffix}'
    applicationInsightsName: applicationInsightsName
    location: location
    tags: allTags
    retentionInDays: logRetentionDays
  }
}

module network 'modules/network.bicep' = {
  scope: group
  params: {
    name: hubName
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    zoneRedundant: zoneRedundant
    natGatewaySku: natGatewaySku
  }
}

// What the Functions host keeps: the package, leases, timers' state, and the queues, tables and blobs of Durable Functions. Nothing in it
// is needed to start again. It is an account of its own, so that a storm of orchestrations cannot slow the documents down.
module hostStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'earhost${suffix}'
    location: location
    tags: allTags
    sku: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    services: ['blob', 'queue', 'table']
    containers: [deploymentContainer]
    precious: false
    appRoles: [
      roles.storageBlobDataOwner // the host's leases and package, large messages of orchestrations
      roles.storageQueueDataContributor // the queues of orchestrations
      roles.storageTableDataContributor // their histories, and the host's diagnostic events
    ]
    identityName: identityName
    principalId: identity.outputs.principalId
    subnetId: network.outputs.endpointsSubnetId
    zoneIds: network.outputs.zoneIds
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Ear's own state.
module dataStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'eardata${suffix}'
    location: location
    tags: allTags
    sku: dataReplication
    services: ['blob', 'table']
    precious: true
    appRoles: [
      roles.storageTableDataContributor // documents, outbox, audit trail
      roles.storageBlobDataContributor // what is too large for a row
    ]
    identityName: identityName
    principalId: identity.outputs.principalId
    subnetId: network.outputs.endpointsSubnetId
    zoneIds: network.outputs.zoneIds
    workspaceId: monitoring.outputs.workspaceId
  }
}

module copyRole 'modules/copyRole.bicep' = if (copies) {
  params: { suffix: suffix, roleName: copyRoleName }
}

module copiesStorage 'modules/copies.bicep' = if (copies) {
  scope: group
  params: {
    name: 'earcopy${suffix}'
    location: location
    tags: allTags
    sku: dataReplication
    containerName: 'ear-copies'
    days: copyDays
    roleName: copyRoleName
    identityName: identityName
    principalId: identity.outputs.principalId
    subnetId: network.outputs.endpointsSubnetId
    zoneIds: network.outputs.zoneIds
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [copyRole]
}

module bus 'modules/serviceBus.bicep' = {
  scope: group
  params: {
    name: '${shortName}-${suffix}'
    location: location
    tags: allTags
    sku: serviceBusSku
    topicName: topicName
    auditReaderPrincipalId: auditReaderPrincipalId
    identityName: identityName
    principalId: identity.outputs.principalId
    subnetId: network.outputs.endpointsSubnetId
    zoneIds: network.outputs.zoneIds
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyVault.bicep' = {
  scope: group
  params: {
    name: 'ear-${suffix}'
    location: location
    tags: allTags
    sku: vaultSku
    settingsFromHere: !empty(settingsFromVault)
    identityName: identityName
    principalId: identity.outputs.principalId
    subnetId: network.outputs.endpointsSubnetId
    zoneIds: network.outputs.zoneIds
    workspaceId: monitoring.outputs.workspaceId
  }
}

module scheduler 'modules/durableTaskScheduler.bicep' = if (durableBackend == 'DurableTaskScheduler') {
  scope: group
  params: {
    name: '${shortName}-${suffix}'
    location: location
    tags: allTags
    taskHubName: taskHubName
    sku: durableTaskSchedulerSku
    clientAddress: network.outputs.outboundAddress
    identityName: identityName
    principalId: identity.outputs.principalId
  }
}

resource endpointsGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = if (!empty(regions)) {
  name: endpointsGroupName
  location: location
  tags: allTags
}

module privateLinkRoles 'modules/privateLinkRoles.bicep' = if (!empty(regions)) {
  params: { suffix: suffix, makerRoleName: makerRoleName, joinerRoleName: joinerRoleName }
}

module endpointGroup 'modules/endpointGroup.bicep' = if (!empty(regions)) {
  scope: endpointsGroup
  params: {
    makerRoleName: makerRoleName
    identityName: identityName
    principalId: identity.outputs.principalId
  }
  dependsOn: [privateLinkRoles]
}

resource regionGroups 'Microsoft.Resources/resourceGroups@2025-04-01' = [
  for region in regions: {
    name: '${groupName}-link-${region.location}'
    location: region.location
    tags: allTags
  }
]

module regionNetworks 'modules/region.bicep' = [
  for (region, i) in regions: {
    scope: regionGroups[i]
    params: {
      name: '${hubName}-${region.location}'
      location: region.location
      tags: allTags
      addressPrefix: region.addressPrefix
      dnsZone: region.?dnsZone ?? false
      hubName: hubName
      hubId: network.outputs.networkId
      hubAppPrefix: network.outputs.appPrefix
      joinerRoleName: joinerRoleName
      identityName: identityName
      principalId: identity.outputs.principalId
    }
    dependsOn: [privateLinkRoles]
  }
]

module fromHub 'modules/peering.bicep' = [
  for (region, i) in regions: {
    scope: group
    params: {
      networkName: hubName
      remoteName: '${hubName}-${region.location}'
      remoteNetworkId: regionNetworks[i].outputs.networkId
    }
  }
]

module app 'modules/functionApp.bicep' = {
  scope: group
  params: {
    name: '${shortName}-${suffix}'
    planName: 'plan-${shortName}-${suffix}'
    location: location
    tags: allTags
    zoneRedundant: zoneRedundant
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    alwaysReady: [
      { name: 'http', instanceCount: readyForRequests }
      { name: 'durable', instanceCount: 1 }
    ]
    requestsPerInstance: requestsPerInstance
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    identityName: identityName
    principalId: identity.outputs.principalId
    appSubnetId: network.outputs.appSubnetId
    hostStorageName: hostStorage.outputs.name
    deploymentContainer: deploymentContainer
    dataStorageName: dataStorage.outputs.name
    copiesStorageName: copiesStorage.?outputs.name ?? ''
    serviceBusName: bus.outputs.name
    topicName: topicName
    keyIdentifier: vault.outputs.keyIdentifier
    vaultName: vault.outputs.name
    applicationInsightsName: applicationInsightsName
    workspaceId: monitoring.outputs.workspaceId
    taskHubName: taskHubName
    usesScheduler: durableBackend == 'DurableTaskScheduler'
    schedulerEndpoint: scheduler.?outputs.endpoint ?? ''
    publicBaseUrl: publicBaseUrl
    privateLinkResourceGroup: endpointsGroupName
    privateLinkRegions: [
      for (region, i) in regions: {
        name: region.name
        subnetId: regionNetworks[i].outputs.subnetId
        zoneId: regionNetworks[i].outputs.zoneId
      }
    ]
    outboundAddress: network.outputs.outboundAddress
    extraSettings: appSettings
    settingsFromVault: settingsFromVault
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    namePrefix: '${shortName}-${suffix}'
    location: location
    tags: allTags
    emails: alertEmails
    workspaceId: monitoring.outputs.workspaceId
    serviceBusId: bus.outputs.id
    appId: app.outputs.id
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output EAR_APP_NAME string = app.outputs.name
output EAR_URL string = app.outputs.url
output EAR_OUTBOUND_ADDRESS string = network.outputs.outboundAddress
output EAR_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output EAR_VAULT_NAME string = vault.outputs.name
