using Ear.Local.Kms.Google.Iam.Wire;
using Ear.Local.Kms.Google.Keys;

namespace Ear.Local.Kms.Google.Iam;

/// <summary>google.iam.v1 on key rings and keys.</summary>
internal sealed class IamOperations
{
    public IamOperations(Policies policies, GoogleKeys keys)
    {
        Get = new("GetIamPolicy", Permission: null, request => Named(request.Resource), (request, caller) =>
        {
            var name = Named(request.Resource);
            policies.MustAllow(caller, $"cloudkms.{Collection(name)}.getIamPolicy", name);
            keys.MustExist(name);
            return policies.Get(name);
        });
        Set = new("SetIamPolicy", Permission: null, request => Named(request.Resource), (request, caller) =>
        {
            var name = Named(request.Resource);
            policies.MustAllow(caller, $"cloudkms.{Collection(name)}.setIamPolicy", name);
            keys.MustExist(name);
            return policies.Set(name, request.Policy ?? new Policy());
        });
        // Needs no permission: it answers with those that the caller has, none for a resource that is not there.
        Test = new("TestIamPermissions", Permission: null, request => Named(request.Resource), (request, caller) =>
        {
            var name = Named(request.Resource);
            return new TestIamPermissionsResponse { Permissions = { request.Permissions.Where(p => policies.Allows(caller, p, name)) } };
        });
    }

    public Operation<GetIamPolicyRequest, Policy> Get { get; }

    public Operation<SetIamPolicyRequest, Policy> Set { get; }

    public Operation<TestIamPermissionsRequest, TestIamPermissionsResponse> Test { get; }

    private static ResourceName Named(string resource) => ResourceName.Parse(resource, ResourceKind.KeyRing, ResourceKind.CryptoKey);

    private static string Collection(ResourceName name) => name.Kind == ResourceKind.KeyRing ? "keyRings" : "cryptoKeys";
}
