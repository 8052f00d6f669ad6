// Two roles of Ear's own for private endpoints, because the built-in Network Contributor could change every network it is given on.
targetScope = 'subscription'

@description('Part of the roles\' names, which are unique in a tenant.')
param suffix string
@description('Ids (uuids) of the two.')
param makerRoleName string
param joinerRoleName string

resource maker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: makerRoleName
  properties: {
    type: 'CustomRole'
    roleName: 'Ear endpoint maker ${suffix}'
    description: 'Makes, watches and deletes private endpoints, by deployments of a template.'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Network/networkInterfaces/read'
          'Microsoft.Network/privateEndpoints/read'
          'Microsoft.Network/privateEndpoints/write'
          'Microsoft.Network/privateEndpoints/delete'
          'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read'
          'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/write'
          'Microsoft.Network/privateEndpoints/privateDnsZoneGroups/delete'
          'Microsoft.Resources/deployments/read'
          'Microsoft.Resources/deployments/write'
          'Microsoft.Resources/deployments/delete'
          'Microsoft.Resources/deployments/cancel/action'
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/operations/read'
          'Microsoft.Resources/deployments/operationstatuses/read'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource joiner 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: joinerRoleName
  properties: {
    type: 'CustomRole'
    roleName: 'Ear endpoint joiner ${suffix}'
    description: 'Puts private endpoints into a subnet, and their records into a zone.'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Network/virtualNetworks/subnets/read'
          'Microsoft.Network/virtualNetworks/subnets/join/action'
          'Microsoft.Network/privateDnsZones/read'
          'Microsoft.Network/privateDnsZones/join/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}
