using System.Globalization;
using Ear.Mongod.Kmip;

namespace Ear.Mongod.Tests;

public sealed class KmipVectorTests
{
    private static readonly DateTimeOffset VectorTime = DateTimeOffset.FromUnixTimeSeconds(0x6b05040e);

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("ACTIVATE")]
    [InlineData("GETATTRIBUTES State")]
    [InlineData("GET")]
    public void Requests_are_byte_for_byte_those_of_a_Percona_mongod(string name)
    {
        var request = name switch
        {
            "REGISTER" => KmipRequests.Register([.. Enumerable.Range(0, 32).Select(i => (byte)i)], VectorTime),
            "ACTIVATE" => KmipRequests.Activate("key-1", VectorTime),
            "GETATTRIBUTES State" => KmipRequests.GetState("key-1", VectorTime),
            _ => KmipRequests.Get("key-1", VectorTime),
        };
        Assert.Equal(Vector(name), Convert.ToHexStringLower(request.Encode()));
    }

    [Fact]
    public void What_is_encoded_is_decoded_and_a_cut_message_is_refused()
    {
        var bytes = KmipRequests.GetState("key-1", VectorTime).Encode();
        Assert.Equal(bytes, Ttlv.Decode(bytes).Encode());
        for (var length = 0; length < bytes.Length - 8; length++) Assert.Throws<InvalidDataException>(() => Ttlv.Decode(bytes.AsSpan(0, length)));
    }

    private static string Vector(string name)
    {
        var path = Root() is { } root ? Path.Combine(root, "../shared/spec/kmip-vectors.txt") : "";
        Assert.SkipUnless(File.Exists(path), "spec/kmip-vectors.txt is not beside this repository");
        var lines = File.ReadAllLines(path).SkipWhile(l => !l.StartsWith($"{name} (", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(lines);
        return string.Concat(lines.Skip(1).TakeWhile(l => ulong.TryParse(l.AsSpan(0, Math.Min(16, l.Length)), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _)));
    }

    private static string? Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ear.Functions.sln"))) folder = folder.Parent;
        return folder?.FullName;
    }
}
