using System.Net;
using Ear.Local.Kms.Google;
using Ear.Local.Kms.Google.Iam;
using Ear.Local.Kms.Google.Iam.Wire;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>Tokens and who may do what: Google's own library, and JWTs that it would not make.</summary>
public sealed class AccessTests
{
    private const string TokenAudience = "https://oauth2.googleapis.com/token";
    private const string Tired = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Googles_library_gets_in_with_the_key_file_by_the_token_endpoint_and_by_its_own_jwt(bool selfSigned)
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        world.Log.Clear();

        var token = await GoogleWorld.TokenAsync(world.Service.Address.ServiceAccountKeyFile, selfSigned);
        var client = new KeyManagementService.KeyManagementServiceClient(world.Invoker(token));

        Assert.Equal(key, (await client.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key })).Name);
        Assert.Equal(selfSigned, !token.StartsWith("ya29.", StringComparison.Ordinal));
        var caller = Jwts.Email(world.Service.Address.ServiceAccountKeyFile);
        Assert.Equal(selfSigned ? [("GetCryptoKey", caller)] : [("Token", caller), ("GetCryptoKey", caller)], world.Log.All().Select(e => (e.Operation, e.Caller)));
    }

    [Fact]
    public async Task The_key_files_are_for_their_owner_only_and_name_this_services_token_endpoint()
    {
        await using var world = await GoogleWorld.StartAsync();

        foreach (var file in (string[])[world.Service.Address.ServiceAccountKeyFile, world.Service.EarServiceAccountKeyFile])
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(world.Service.TokenUri, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Json().GetProperty("token_uri").GetString());
        }
    }

    [Theory]
    [InlineData("audience", "invalid_grant", "Invalid JWT: Failed audience check.")]
    [InlineData("unknown account", "invalid_grant", "Invalid grant: account not found")]
    [InlineData("too long", "invalid_grant", Tired)]
    [InlineData("expired", "invalid_grant", Tired)]
    [InlineData("from the future", "invalid_grant", Tired)]
    [InlineData("no times", "invalid_grant", Tired)]
    [InlineData("another account's key", "invalid_grant", "Invalid JWT Signature.")]
    [InlineData("no scope", "invalid_scope", "Invalid OAuth scope or ID token audience provided.")]
    public async Task A_jwt_that_is_wrong_gets_no_token(string wrong, string error, string description)
    {
        await using var world = await GoogleWorld.StartAsync();
        var file = wrong == "another account's key" ? world.Service.EarServiceAccountKeyFile : world.Service.Address.ServiceAccountKeyFile;
        var now = world.Service.Clock.Now;
        var jwt = Jwts.Sign(file, wrong switch { "expired" => now.AddHours(-2), "from the future" => now.AddMinutes(10), _ => now }, claims =>
        {
            claims["aud"] = wrong == "audience" ? "https://example.com/token" : TokenAudience;
            claims["scope"] = wrong == "no scope" ? null : GoogleWorld.CloudPlatform;
            if (wrong == "unknown account")
                claims["iss"] = "nobody@ear-customer.iam.gserviceaccount.com";
            if (wrong == "another account's key")
                claims["iss"] = Jwts.Email(world.Service.Address.ServiceAccountKeyFile);
            if (wrong == "too long")
                claims["exp"] = now.AddMinutes(61).ToUnixTimeSeconds();
            if (wrong == "no times")
                claims["iat"] = null;
        });

        var (status, body) = await TokenAsync(world, jwt);
        Assert.Equal((HttpStatusCode.BadRequest, error, description), (status, body.GetProperty("error").GetString(), body.GetProperty("error_description").GetString()));
        Assert.Equal(error, world.Log.All()[^1].Outcome);
    }

    [Theory]
    [InlineData(TokenAudience)]
    [InlineData(null)]
    public async Task The_token_endpoint_takes_googles_audience_and_its_own(string? audience)
    {
        await using var world = await GoogleWorld.StartAsync();

        var (status, body) = await TokenAsync(world, Jwts.Sign(world.Service.Address.ServiceAccountKeyFile, world.Service.Clock.Now, c =>
        {
            c["aud"] = audience ?? world.Service.TokenUri;
            c["scope"] = GoogleWorld.CloudPlatform;
        }));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("Bearer", 3599), (body.GetProperty("token_type").GetString(), body.GetProperty("expires_in").GetInt32()));
    }

    [Fact]
    public async Task A_call_without_a_token_with_nonsense_or_with_an_expired_one_is_unauthenticated_and_says_why()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var world = await GoogleWorld.StartAsync(time);
        var request = new GetKeyRingRequest { Name = GoogleWorld.Ring };

        Assert.Equal("CREDENTIALS_MISSING", await ReasonAsync(world.Anonymous(), request));
        Assert.Equal("ACCESS_TOKEN_TYPE_UNSUPPORTED", await ReasonAsync(new(world.Invoker("nonsense")), request));
        Assert.Equal("ACCESS_TOKEN_EXPIRED", await ReasonAsync(new(world.Invoker(Jwts.SelfSigned(world, time.GetUtcNow().AddHours(-2)))), request));
        world.Service.Clock.Offset = TimeSpan.FromSeconds(3598);
        await world.Customer.GetKeyRingAsync(request);
        world.Service.Clock.Offset = TimeSpan.FromSeconds(3600);
        Assert.Equal("ACCESS_TOKEN_EXPIRED", await ReasonAsync(world.Customer, request));
    }

    [Fact]
    public async Task A_token_for_another_service_is_refused_by_its_scope()
    {
        await using var world = await GoogleWorld.StartAsync();
        var jwt = Jwts.Sign(world.Service.Address.ServiceAccountKeyFile, world.Service.Clock.Now, c => (c["sub"], c["aud"]) = (c["iss"], "https://storage.googleapis.com/"));

        await Refused.WithAsync(StatusCode.PermissionDenied, "Request had insufficient authentication scopes.",
            () => new KeyManagementService.KeyManagementServiceClient(world.Invoker(jwt)).GetKeyRingAsync(new GetKeyRingRequest { Name = GoogleWorld.Ring }).ResponseAsync);
    }

    [Fact]
    public async Task A_disabled_account_gets_no_token_and_its_tokens_stop_working()
    {
        await using var world = await GoogleWorld.StartAsync();
        var file = world.Service.Address.ServiceAccountKeyFile;
        world.Service.Accounts.SetDisabled(Jwts.Email(file), disabled: true);

        Assert.Equal("ACCOUNT_STATE_INVALID", await ReasonAsync(world.Customer, new GetKeyRingRequest { Name = GoogleWorld.Ring }));
        await Assert.ThrowsAsync<global::Google.Apis.Auth.OAuth2.Responses.TokenResponseException>(() => GoogleWorld.TokenAsync(file));
        world.Service.Accounts.SetDisabled(Jwts.Email(file), disabled: false);
        await world.Customer.GetKeyRingAsync(new GetKeyRingRequest { Name = GoogleWorld.Ring });
    }

    [Fact]
    public async Task A_key_that_was_taken_back_signs_nothing_any_more()
    {
        await using var world = await GoogleWorld.StartAsync();
        var file = world.Service.Address.ServiceAccountKeyFile;
        world.Service.Accounts.RemoveKey(Jwts.Email(file), File.ReadAllText(file).Json().GetProperty("private_key_id").GetString()!);

        var refused = await Assert.ThrowsAsync<global::Google.Apis.Auth.OAuth2.Responses.TokenResponseException>(() => GoogleWorld.TokenAsync(file));
        Assert.Equal(("invalid_grant", "Invalid JWT Signature."), (refused.Error.Error, refused.Error.ErrorDescription));
    }

    [Fact]
    public async Task Ear_may_use_a_key_only_while_the_customer_lets_it_and_cannot_tell_a_forbidden_key_from_none()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var ear = await world.EarAsync();
        Task Encrypt(string name) => ear.EncryptAsync(new EncryptRequest { Name = name, Plaintext = ByteString.CopyFromUtf8("x") }).ResponseAsync;
        static string Denied(string permission, string resource) => $"Permission '{permission}' denied on resource '{resource}' (or it may not exist).";

        var refused = await Refused.WithAsync(StatusCode.PermissionDenied, Denied("cloudkms.cryptoKeyVersions.useToEncrypt", key), () => Encrypt(key));
        Assert.Equal("IAM_PERMISSION_DENIED", refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason);
        await Refused.WithAsync(StatusCode.PermissionDenied, Denied("cloudkms.cryptoKeyVersions.useToEncrypt", key + "s"), () => Encrypt(key + "s"));

        world.Service.Policies.Grant(ResourceName.TryParse(key)!, Roles.EncrypterDecrypter, world.Service.EarServiceAccount);
        await Encrypt(key);
        await Refused.WithAsync(StatusCode.PermissionDenied, Denied("cloudkms.cryptoKeys.get", key), () => ear.GetCryptoKeyAsync(new GetCryptoKeyRequest { Name = key }).ResponseAsync);
        await world.RestartAsync();
        ear = await world.EarAsync();
        await Encrypt(key);

        world.Service.Policies.Revoke(ResourceName.TryParse(key)!, world.Service.EarServiceAccount);
        await Assert.ThrowsAsync<RpcException>(() => Encrypt(key));
        world.Service.Policies.Grant(ResourceName.OfProject(GoogleService.CustomerProject), Roles.EncrypterDecrypter, world.Service.EarServiceAccount);
        await Encrypt(key);
    }

    [Fact]
    public async Task A_policy_is_set_and_read_by_grpc_and_a_stale_one_is_refused()
    {
        await using var world = await GoogleWorld.StartAsync();
        var key = await world.NewKeyAsync();
        var customer = await world.IamAsync(world.Service.Address.ServiceAccountKeyFile);
        var ear = await world.IamAsync(world.Service.EarServiceAccountKeyFile);
        var ask = new TestIamPermissionsRequest { Resource = key, Permissions = { "cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeys.get" } };
        Assert.Empty((await ear.TestIamPermissionsAsync(ask)).Permissions);

        var policy = await customer.GetIamPolicyAsync(new GetIamPolicyRequest { Resource = key });
        policy.Bindings.Add(new Binding { Role = Roles.EncrypterDecrypter, Members = { "serviceAccount:" + world.Service.EarServiceAccount } });
        await customer.SetIamPolicyAsync(new SetIamPolicyRequest { Resource = key, Policy = policy });

        Assert.Equal(["cloudkms.cryptoKeyVersions.useToEncrypt"], (await ear.TestIamPermissionsAsync(ask)).Permissions);
        Assert.Equal(2, (await customer.TestIamPermissionsAsync(ask)).Permissions.Count);
        await Refused.WithAsync(StatusCode.Aborted, "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
            () => customer.SetIamPolicyAsync(new SetIamPolicyRequest { Resource = key, Policy = policy }).ResponseAsync);
        await Assert.ThrowsAsync<RpcException>(() => ear.GetIamPolicyAsync(new GetIamPolicyRequest { Resource = key }).ResponseAsync);
    }

    [Theory]
    [InlineData(nameof(ProjectMode.VpcServiceControls), "SECURITY_POLICY_VIOLATED", "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: ")]
    [InlineData(nameof(ProjectMode.ServiceDisabled), "SERVICE_DISABLED", "Cloud Key Management Service (KMS) API has not been used in project ")]
    [InlineData(nameof(ProjectMode.BillingDisabled), "BILLING_DISABLED", "This API method requires billing to be enabled. ")]
    [InlineData(nameof(ProjectMode.Deleted), "CONSUMER_INVALID", "Project 'ear-customer' not found or deleted.")]
    public async Task A_project_can_be_out_of_reach_and_the_details_say_why(string mode, string reason, string text)
    {
        await using var world = await GoogleWorld.StartAsync();
        world.Service.Projects[GoogleService.CustomerProject] = Enum.Parse<ProjectMode>(mode);

        var refused = await Assert.ThrowsAsync<RpcException>(() => world.Customer.GetKeyRingAsync(new GetKeyRingRequest { Name = GoogleWorld.Ring }).ResponseAsync);
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.StartsWith(text, refused.Status.Detail);
        var status = refused.GetRpcStatus()!;
        Assert.Equal(reason, status.GetDetail<ErrorInfo>()!.Reason);
        if (mode == nameof(ProjectMode.VpcServiceControls))
            Assert.EndsWith(Assert.Single(status.GetDetail<PreconditionFailure>()!.Violations, v => v.Type == "VPC_SERVICE_CONTROLS").Description, refused.Status.Detail);
        world.Service.Projects[GoogleService.CustomerProject] = ProjectMode.Open;
        await world.Customer.GetKeyRingAsync(new GetKeyRingRequest { Name = GoogleWorld.Ring });
    }

    private static async Task<string> ReasonAsync(KeyManagementService.KeyManagementServiceClient client, GetKeyRingRequest request)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.GetKeyRingAsync(request).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        return refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason;
    }

    private static async Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> TokenAsync(GoogleWorld world, string assertion)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", assertion)]);
        using var answer = await world.Rest.PostAsync("/token", form);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Json());
    }
}
