// A private endpoint in Ear's network to a key vault that belongs to a customer. The connection is manual: it carries nothing until
// somebody who may do so approves it in the customer's subscription. With a zone, the vault's own name leads through the endpoint for
// everybody in the networks that the zone is linked to; Ear itself goes by the address (docs/decisions/0010).
// The app deploys this file (compiled: functions/Ear.Providers/AzurePrivateLink/keyVaultPrivateEndpoint.json) once for each endpoint;
// main.bicep does not use it.
targetScope = 'resourceGroup'

@description('Name of the private endpoint, of its connection (which the customer sees and approves) and of its network interface.')
@minLength(2)
@maxLength(64)
param privateEndpointName string

@description('Azure region of the subnet. The vault may be in another one.')
param location string

@description('Full resource id of the customer\'s key vault; it may be in another subscription or tenant.')
param keyVaultResourceId string

@description('Full resource id of the subnet that the endpoint takes its address from.')
param subnetId string

@description('Full resource id of a zone privatelink.vaultcore.azure.net, which gets a record for the vault. Empty: none does.')
param privateDnsZoneId string = ''

@description('What the customer reads beside the connection that waits for approval.')
@maxLength(140)
param requestMessage string

param tags object = {}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: privateEndpointName
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    customNetworkInterfaceName: '${privateEndpointName}-nic'
    manualPrivateLinkServiceConnections: [
      {
        name: privateEndpointName
        properties: {
          privateLinkServiceId: keyVaultResourceId
          groupIds: ['vault']
          requestMessage: requestMessage
        }
      }
    ]
  }
}

resource dns 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = if (!empty(privateDnsZoneId)) {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: 'vault'
        properties: { privateDnsZoneId: privateDnsZoneId }
      }
    ]
  }
}

output privateEndpointId string = endpoint.id
