// A role of Ear's own for copies of its state, because each built-in one that can add a blob can also change and delete it.
targetScope = 'subscription'

@description('Part of the role\'s name, which is unique in a tenant.')
param suffix string
@description('Id (a uuid) of the role.')
param roleName string

resource adder 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: roleName
  properties: {
    type: 'CustomRole'
    roleName: 'Ear copy adder ${suffix}'
    description: 'Adds blobs that were not there; reads, changes and deletes none.'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action']
        notDataActions: []
      }
    ]
  }
}
