// All that Ear needs in Azure. `azd up` deploys it; docs/operations/deploy.md says what to set, docs/decisions/0008 why it is built so.
//
//   rg-ear-<environment>                    the app, its network, storage, bus, vault, logs, alerts
//   rg-ear-<environment>-endpoints          private endpoints to customers' vaults, made by the app
//   rg-ear-<environment>-link-<region>      the network of a region for those endpoints
//
// Access is by identity only: no key, token or connection string with one is a setting or an output.
targetScope = 'subscription'

import { region, setting, settingFromVault, tag } from 'modules/types.bicep'
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

@description('How documents, wrapped keys, the audit trail and copies of them are replicated; empty: in the zones of the region, or in one data centre where there are none.')
@allowed(['', 'Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param dataReplication string = ''

@description('Copy Ear\'s own state each day to an account in which it can only add.')
param copies bool = true

@description('For so many days a copy can be neither changed nor deleted. Some days later it goes by itself.')
@minValue(7)
@maxValue(3650)
param copyDays int = 35

@description('The policy that says so was locked by hand, so it is left as it is (docs/operations/restore.md).')
param copiesLocked bool = false

@description('Keep the accounts with the state and its copies from being deleted by accident. Whoever deploys needs a role that may make locks.')
param locks bool = true

@description('Addresses of the app\'s network, a /22 or larger. Must not overlap with a region\'s.')
param addressPrefix string = '10.80.0.0/22'

@description('Who is told when Ear itself is ill.')
param alertEmails string[] = []

@description('The mail server that takes Ear\'s mails to the owners of projects.')
@minLength(1)
param smtpHost string

@description('Whom those mails come from: Ear <ear@example.org>.')
@minLength(3)
param mailFrom string

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
param tags tag[] = []

@description('So many characters of a name at most, its words joined by one hyphen each.')
func cut(name string, length int) string => join(filter(split(take(name, length), '-'), word => !empty(word)), '-')

var slug = cut(replace(replace(replace(replace(toLower(environmentName), '.', '-'), '_', '-'), '(', '-'), ')', '-'), 64)
var suffix = uniqueString(subscription().id, environmentName)
// Long enough to know it by, short enough for every kind of resource; the suffix keeps it unique.
var shortName = 'ear-${cut(slug, 12)}'
var groupName = 'rg-ear-${cut(slug, 40)}-${take(suffix, 5)}'
var endpointsGroupName = '${groupName}-endpoints'
var hubName = 'vnet-${shortName}'
var identityName = '${shortName}-${suffix}'
var applicationInsightsName = 'appi-${shortName}-${suffix}'
var makerRoleName = guid(subscription().id, suffix, 'endpoint-maker')
var joinerRoleName = guid(subscription().id, suffix, 'endpoint-joiner')
var copyRoleName = guid(subscription().id, suffix, 'copy-adder')
var topicName = 'ear-events'
var replication = !empty(dataReplication) ? dataReplication : (zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS')
var hostStorageName = 'earhost${suffix}'
var dataStorageName = 'eardata${suffix}'
var copiesStorageName = 'earcopy${suffix}'
var busName = '${shortName}-${suffix}'
var vaultName = 'ear-${suffix}'
var deploymentContainer = 'deployment'
var allTags = union(toObject(tags, t => t.name, t => t.value), { 'azd-env-name': environmentName, system: 'ear' })

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
  }
}

// What the Functions host keeps: the package, leases, timers' state, and the queues, tables and blobs of Durable Functions. Nothing in it
// is needed to start again. It is an account of its own, so that a storm of orchestrations cannot slow the documents down.
module hostStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: hostStorageName
    location: location
    tags: allTags
    sku: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    containers: [deploymentContainer]
    precious: false
    locked: false
    appRoles: [
      roles.storageBlobDataOwner // the host's leases and package, large messages of orchestrations
      roles.storageQueueDataContributor // the queues of orchestrations
      roles.storageTableDataContributor // their histories, and the host's diagnostic events
    ]
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Ear's own state.
module dataStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: dataStorageName
    location: location
    tags: allTags
    sku: replication
    precious: true
    locked: locks
    appRoles: [
      roles.storageTableDataContributor // documents, outbox, audit trail
      roles.storageBlobDataContributor // what is too large for a row
    ]
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module copyRole 'modules/copyRole.bicep' = if (copies) {
  params: { suffix: suffix, roleName: copyRoleName }
}

module copiesStorage 'modules/copies.bicep' = if (copies) {
  scope: group
  params: {
    name: copiesStorageName
    location: location
    tags: allTags
    sku: replication
    containerName: 'ear-copies'
    days: copyDays
    policyLocked: copiesLocked
    locked: locks
    roleName: copyRoleName
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [copyRole]
}

module bus 'modules/serviceBus.bicep' = {
  scope: group
  params: {
    name: busName
    location: location
    tags: allTags
    sku: serviceBusSku
    topicName: topicName
    auditReaderPrincipalId: auditReaderPrincipalId
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyVault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: allTags
    sku: vaultSku
    settingsFromHere: !empty(settingsFromVault)
    identityName: identityName
    principalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

var always = [
  { name: hostStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'blob', zone: 'blob' }
  { name: hostStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'queue', zone: 'queue' }
  { name: hostStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'table', zone: 'table' }
  { name: dataStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'blob', zone: 'blob' }
  { name: dataStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'table', zone: 'table' }
  { name: vaultName, type: 'Microsoft.KeyVault/vaults', groupId: 'vault', zone: 'vault' }
]
var withCopies = copies
  ? [{ name: copiesStorageName, type: 'Microsoft.Storage/storageAccounts', groupId: 'blob', zone: 'blob' }]
  : []
var withPrivateBus = serviceBusSku == 'Premium'
  ? [{ name: busName, type: 'Microsoft.ServiceBus/namespaces', groupId: 'namespace', zone: 'servicebus' }]
  : []

// One after another: each changes the subnet, and Azure refuses one that comes while the subnet is still being changed.
@batchSize(1)
module endpoints 'modules/privateEndpoint.bicep' = [
  for to in concat(always, withCopies, withPrivateBus): {
    scope: group
    params: {
      name: '${to.name}-${to.groupId}'
      location: location
      tags: allTags
      subnetId: network.outputs.endpointsSubnetId
      targetId: resourceId(subscription().subscriptionId, groupName, to.type, to.name)
      groupId: to.groupId
      zoneId: network.outputs.zoneIds[to.zone]
    }
    dependsOn: [hostStorage, dataStorage, copiesStorage, bus, vault]
  }
]

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

// Peerings change both networks, so they are made one after another, too, and after the endpoints.
@batchSize(1)
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
    dependsOn: [privateLinkRoles, endpoints]
  }
]

@batchSize(1)
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
    usesScheduler: durableBackend == 'DurableTaskScheduler'
    schedulerEndpoint: scheduler.?outputs.endpoint ?? ''
    publicBaseUrl: publicBaseUrl
    smtpHost: smtpHost
    mailFrom: mailFrom
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
  // It starts when it is made, and then everything that it calls is to be there.
  dependsOn: [endpoints, fromHub]
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
