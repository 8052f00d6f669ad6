using System.Diagnostics.CodeAnalysis;
using Ear.Sdk.Tests.PublicApi;

namespace Ear.Sdk.Tests;

/// <summary>Each pair differs in one thing that a list of members does not show; the renderer must see it.</summary>
public sealed class ShapeRendererTests
{
    public static TheoryData<Type, Type, string> Pairs => new()
    {
        { typeof(A.Sealed), typeof(B.Sealed), "sealed class" },
        { typeof(A.Abstract), typeof(B.Abstract), "abstract class" },
        { typeof(A.Static), typeof(B.Static), "static class" },
        { typeof(A.Record), typeof(B.Record), "record" },
        { typeof(A.ReadOnly), typeof(B.ReadOnly), "readonly struct" },
        { typeof(A.Kind), typeof(B.Kind), "class" },
        { typeof(A.Base), typeof(B.Base), "derives from System.MarshalByRefObject" },
        { typeof(A.Contract), typeof(B.Contract), "is System.IDisposable" },
        { typeof(A.Underlying), typeof(B.Underlying), "of byte" },
        { typeof(A.Flags), typeof(B.Flags), "flags enum" },
        { typeof(A.UsageAttribute), typeof(B.UsageAttribute), "on Method, Parameter, inherited" },
        { typeof(A.ManyAttribute), typeof(B.ManyAttribute), "on All, many, inherited" },
        { typeof(A.Class<>), typeof(B.Class<>), "where T: class" },
        { typeof(A.NotNull<>), typeof(B.NotNull<>), "where T: notnull" },
        { typeof(A.New<>), typeof(B.New<>), "where T: new()" },
        { typeof(A.Struct<>), typeof(B.Struct<>), "where T: struct" },
        { typeof(A.Derived<>), typeof(B.Derived<>), "where T: System.Exception" },
        { typeof(A.IOut<>), typeof(B.IOut<>), "where T: out" },
        { typeof(A.MethodClass), typeof(B.MethodClass), "Do() where T: class" },
        { typeof(A.Protected), typeof(B.Protected), "Do(): protected" },
        { typeof(A.ProtectedField), typeof(B.ProtectedField), "Value: protected" },
        { typeof(A.ProtectedNew), typeof(B.ProtectedNew), "new(): protected" },
        { typeof(A.Required), typeof(B.Required), "Value: [RequiredMemberAttribute()]" },
        { typeof(A.Old), typeof(B.Old), "Do(): [Obsolete]" },
        { typeof(A.OldError), typeof(B.OldError), "Do(): [Obsolete, error]" },
        { typeof(A.Flow), typeof(B.Flow), "Do(object) return: [NotNullIfNotNullAttribute(value)]" },
        { typeof(A.FlowIn), typeof(B.FlowIn), "Do(object) value: [MaybeNullWhenAttribute(False)]" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_difference_in_shape_is_named(Type one, Type other, string fact)
    {
        Assert.Contains(Lines(one).Except(Lines(other)), line => line.EndsWith(fact, StringComparison.Ordinal));
        Assert.DoesNotContain(Lines(other), line => line.EndsWith(fact, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Lines(Type type)
        => ShapeRenderer.Render(type).Select(l => l.Replace("ShapeRendererTests.A.", "", StringComparison.Ordinal).Replace("ShapeRendererTests.B.", "", StringComparison.Ordinal));

    public static class A
    {
        public sealed class Sealed;

        public abstract class Abstract;

        public static class Static;

        public record Record;

        public readonly struct ReadOnly;

        public class Kind;

        public class Base : MarshalByRefObject;

        public class Contract : IDisposable
        {
            public void Dispose() => GC.SuppressFinalize(this);
        }

        public enum Underlying : byte
        {
            None,
        }

        [Flags]
        public enum Flags
        {
            None,
        }

        [AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
        public sealed class UsageAttribute : Attribute;

        [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
        public sealed class ManyAttribute : Attribute;

        public class Class<T>
            where T : class;

        public class NotNull<T>
            where T : notnull;

        public class New<T>
            where T : new();

        public class Struct<T>
            where T : struct;

        public class Derived<T>
            where T : Exception;

        public interface IOut<out T>;

        public class MethodClass
        {
            public static void Do<T>()
                where T : class
            {
            }
        }

        public class Protected
        {
            protected void Do() => Assert.NotNull(this);
        }

        public class ProtectedField
        {
            protected static readonly int Value = 1;
        }

        public class ProtectedNew
        {
            protected ProtectedNew()
            {
            }
        }

        public class Required
        {
            public required int Value { get; init; }
        }

        public class Old
        {
            [Obsolete("Old.")]
            public static void Do()
            {
            }
        }

        public class OldError
        {
            [Obsolete("Old.", true)]
            public static void Do()
            {
            }
        }

        public class Flow
        {
            [return: NotNullIfNotNull(nameof(value))]
            public static object? Do(object? value) => value;
        }

        public class FlowIn
        {
            public static bool Do([MaybeNullWhen(false)] out object value) => (value = "") is not null;
        }
    }

    public static class B
    {
        public class Sealed;

        public class Abstract;

        public class Static;

        public class Record;

        public struct ReadOnly;

        public record Kind;

        public class Base : Random;

        public class Contract
        {
            public void Dispose() => GC.SuppressFinalize(this);
        }

        public enum Underlying
        {
            None,
        }

        public enum Flags
        {
            None,
        }

        [AttributeUsage(AttributeTargets.Method)]
        public sealed class UsageAttribute : Attribute;

        [AttributeUsage(AttributeTargets.All)]
        public sealed class ManyAttribute : Attribute;

        public class Class<T>;

        public class NotNull<T>;

        public class New<T>;

        public class Struct<T>;

        public class Derived<T>;

        public interface IOut<T>;

        public class MethodClass
        {
            public static void Do<T>()
            {
            }
        }

        public class Protected
        {
            public void Do() => Assert.NotNull(this);
        }

        public class ProtectedField
        {
            public static readonly int Value = 1;
        }

        public class ProtectedNew
        {
            public ProtectedNew()
            {
            }
        }

        public class Required
        {
            public int Value { get; init; }
        }

        public class Old
        {
            public static void Do()
            {
            }
        }

        public class OldError
        {
            [Obsolete("Old.")]
            public static void Do()
            {
            }
        }

        public class Flow
        {
            public static object? Do(object? value) => value;
        }

        public class FlowIn
        {
            public static bool Do(out object value) => (value = "") is not null;
        }
    }
}
