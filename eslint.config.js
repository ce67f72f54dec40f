import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const restrictedSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only src/entries/config.ts reads the environment.',
  },
];

export default defineConfig(
  {
    ignores: [
      'dist',
      'node_modules',
      '.venv',
      'src/db/migrations',
      'src/client/generated',
      'test/fixtures',
      'bin',
      '.dependency-cruiser.cjs',
    ],
  },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.config.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      'no-restricted-syntax': ['error', ...restrictedSyntax],
    },
  },
  { files: ['*.config.{js,ts}'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['src/entries/config.ts', 'test/**', 'examples/**'],
    rules: { 'no-restricted-syntax': ['error', restrictedSyntax[0]] },
  },
);
