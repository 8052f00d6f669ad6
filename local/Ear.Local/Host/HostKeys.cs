using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Local.Host;

/// <summary>
/// The two keys of a Functions host: the master key opens everything, the function key what asks for level Function.
/// Made once per data folder, readable by their owner alone, shown in header <c>x-functions-key</c> or query <c>code</c>.
/// </summary>
internal sealed class HostKeys
{
    private const string FileName = "host-keys.json";

    private readonly byte[] _master;
    private readonly byte[] _function;

    private HostKeys(string master, string function)
    {
        (Master, Function) = (master, function);
        _master = Digest(master);
        _function = Digest(function);
    }

    /// <summary>For the process that started the host; belongs in no log.</summary>
    public string Master { get; }

    /// <inheritdoc cref="Master"/>
    public string Function { get; }

    public static HostKeys LoadOrCreate(string dataFolder, IIds ids)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
            PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(new Stored(NewKey(ids), NewKey(ids)), EarJson.Options));
        try
        {
            if (JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(path), EarJson.Options) is { Master.Length: >= 32, Function.Length: >= 32 } keys)
                return new HostKeys(keys.Master, keys.Function);
        }
        catch (JsonException)
        {
            // The parser's message could quote the file.
        }

        throw new InvalidFunctionsException([$"{path} does not hold two keys of at least 32 characters. Delete it, and new ones are made."]);
    }

    public bool Allow(HttpRequest request, AuthorizationLevel level)
    {
        if (level == AuthorizationLevel.Anonymous)
            return true;
        var shown = request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();
        if (shown.Length == 0)
            return false;
        var digest = Digest(shown);
        var master = CryptographicOperations.FixedTimeEquals(digest, _master);
        return master || (level != AuthorizationLevel.Admin && CryptographicOperations.FixedTimeEquals(digest, _function));
    }

    private static string NewKey(IIds ids) => Convert.ToHexStringLower(ids.Secret(32));

    /// <summary>Digests have one length, so comparing them tells nothing about the key's.</summary>
    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed record Stored(string Master, string Function);
}
