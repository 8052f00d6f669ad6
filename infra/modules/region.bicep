// Ear's network in a region in which customers can have a private endpoint. It holds nothing but those endpoints, and only the app's
// subnet may call them: app -> its own network -> peering -> endpoint -> the customer's vault.
param name string
param location string
param tags object
param addressPrefix string
param dnsZone bool
param hubName string
param hubId string
param hubAppPrefix string
@description('The role that lets the app put an endpoint into this network.')
param joinerRoleName string
@description('Name of the app\'s identity: part of the names of what it is granted.')
param identityName string
param principalId string

resource rules 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'app-to-vaults'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: hubAppPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: addressPrefix
          destinationPortRange: '443'
        }
      }
      {
        name: 'nothing-else-in'
        properties: {
          priority: 4000
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'vaults'
        properties: {
          addressPrefix: addressPrefix
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled' // or the rules would not count for endpoints
          networkSecurityGroup: { id: rules.id }
        }
      }
    ]
  }

  resource vaults 'subnets' existing = { name: 'vaults' }
}

module toHub 'peering.bicep' = {
  params: { networkName: network.name, remoteName: hubName, remoteNetworkId: hubId }
}

// Linked to this network alone, never to the app's: there a record that one project's endpoint writes, or takes away with it, would
// decide how all projects reach that vault.
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (dnsZone) {
  name: 'privatelink.vaultcore.azure.net'
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      resolutionPolicy: 'NxDomainRedirect'
      virtualNetwork: { id: network.id }
    }
  }
}

// Put endpoints into the subnet.
resource joins 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: network
  name: guid(network.id, identityName, joinerRoleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', joinerRoleName)
  }
}

// And their records into the zone.
resource records 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (dnsZone) {
  scope: zone
  name: guid(zone.id, identityName, joinerRoleName)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', joinerRoleName)
  }
}

output networkId string = network.id
output subnetId string = network::vaults.id
output zoneId string = dnsZone ? zone.id : ''
